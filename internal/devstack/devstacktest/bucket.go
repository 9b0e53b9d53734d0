package devstacktest

import (
	"crypto/rand"
	"strings"
	"testing"

	"retailq/internal/devstack"
)

// Bucket returns an empty, versioned bucket for this test alone. Its objects stay until the end of the run, so that
// a server that is still writing when a test ends does no harm.
func Bucket(t testing.TB) devstack.S3 {
	t.Helper()
	addresses, err := sharedS3()
	if err != nil {
		t.Fatalf("test bucket: %v", err)
	}
	own := addresses.S3
	own.Bucket = "test-" + strings.ToLower(rand.Text())
	if err := own.EnsureBucket(t.Context()); err != nil {
		t.Fatalf("test bucket: %v", err)
	}
	return own
}
