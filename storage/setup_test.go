package storage_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/storage"
)

func TestPingTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := options(t)
	for _, test := range []struct {
		code  string
		spoil func(*storage.Options)
	}{
		{"bucket_missing", func(o *storage.Options) { o.Bucket = "no-such-bucket" }},
		{"storage_credentials", func(o *storage.Options) { o.AccessKey = "nobody" }},
		{"storage_credentials", func(o *storage.Options) { o.SecretKey = "wrong" }},
		{"storage_unreachable", func(o *storage.Options) { o.Endpoint = "http://" + closedPort(t) }},
	} {
		opts := good
		test.spoil(&opts)
		err := open(t, opts).Ping(t.Context())
		requireCode(t, err, retailq.ErrUnavailable, test.code)
	}
}

// closedPort returns a loopback address on which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

func TestEnsureBucketRace(t *testing.T) {
	t.Parallel()
	opts := options(t)
	opts.Bucket = "race-" + retailq.NewID().String()
	results := make(chan error)
	for range 8 {
		b := open(t, opts)
		go func() { results <- b.EnsureBucket(t.Context()) }()
	}
	for range 8 {
		require.NoError(t, <-results)
	}
	require.NoError(t, open(t, opts).Ping(t.Context()))
}

func TestEnsureBucketReportsWhatItCannotMend(t *testing.T) {
	t.Parallel()
	opts := options(t)
	opts.SecretKey = "wrong"
	requireCode(t, open(t, opts).EnsureBucket(t.Context()), retailq.ErrUnavailable, "storage_credentials")
}

func TestOpenWithoutABucket(t *testing.T) {
	t.Parallel()
	_, err := storage.Open(t.Context(), storage.Options{})
	require.ErrorIs(t, err, retailq.ErrInvalid)
}

func TestPresignedURLsCarryThePublicEndpoint(t *testing.T) {
	t.Parallel()
	opts := options(t)
	opts.PublicEndpoint = "https://files.example.com"
	signed, err := open(t, opts).PresignPut(t.Context(), "k", 60e9, storage.PutTerms{})
	require.NoError(t, err)
	require.Contains(t, signed.URL, "https://files.example.com/"+opts.Bucket+"/k?")
}
