package storage_test

import (
	"cmp"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack/devstacktest"
	"retailq/storage"
	"retailq/storage/storagetest"
)

// options returns the options for a fresh bucket, which keeps versions.
func options(t *testing.T) storage.Options {
	t.Helper()
	s3 := devstacktest.Bucket(t)
	return storage.Options{
		Endpoint: s3.Endpoint, Region: s3.Region, Bucket: s3.Bucket,
		AccessKey: s3.AccessKey, SecretKey: s3.SecretKey, PathStyle: true,
	}
}

// plainOptions returns the options for a fresh bucket that keeps no versions.
func plainOptions(t *testing.T) storage.Options {
	t.Helper()
	opts := options(t)
	opts.Bucket = "plain-" + retailq.NewID().String()
	require.NoError(t, open(t, opts).EnsureBucket(t.Context()))
	return opts
}

// open opens a Bucket that is expected to be fine.
func open(t *testing.T, opts storage.Options) *storage.Bucket {
	t.Helper()
	b, err := storage.Open(t.Context(), opts)
	require.NoError(t, err)
	return b
}

func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("versioned", func(t *testing.T) {
		t.Parallel()
		storagetest.Run(t, open(t, options(t)))
	})
	t.Run("plain", func(t *testing.T) {
		t.Parallel()
		storagetest.Run(t, open(t, plainOptions(t)))
	})
}

// TestConformanceElsewhere runs the suite against a server of your choice:
//
//	RETAILQ_TEST_S3_ENDPOINT, _BUCKET, _ACCESS_KEY, _SECRET_KEY, _REGION
func TestConformanceElsewhere(t *testing.T) {
	t.Parallel()
	endpoint := os.Getenv("RETAILQ_TEST_S3_ENDPOINT")
	if endpoint == "" {
		t.Skip("RETAILQ_TEST_S3_ENDPOINT names no other server")
	}
	b := open(t, storage.Options{
		Endpoint: endpoint, PathStyle: true,
		Bucket:    cmp.Or(os.Getenv("RETAILQ_TEST_S3_BUCKET"), "retailq-test"),
		AccessKey: os.Getenv("RETAILQ_TEST_S3_ACCESS_KEY"), SecretKey: os.Getenv("RETAILQ_TEST_S3_SECRET_KEY"),
		Region: os.Getenv("RETAILQ_TEST_S3_REGION"),
	})
	require.NoError(t, b.EnsureBucket(t.Context()))
	storagetest.Run(t, b)
}
