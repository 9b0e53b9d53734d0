package storage_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/storage"
	"retailq/storage/storagetest"
)

// faulty stands between a Bucket and its server and spoils what the test wants spoilt.
type faulty struct {
	// cutAfter is how many bytes of each range pass before the connection is cut; 0 means all.
	cutAfter atomic.Int64
	// refusals is how many requests are still to be answered with 503 Slow Down.
	refusals atomic.Int64
	// ranges holds the Range header of every GET that was let through.
	ranges chan string
}

// setupFaulty returns a Bucket that reaches its server through the faulty proxy.
func setupFaulty(t *testing.T) (*storage.Bucket, *faulty) {
	t.Helper()
	opts := plainOptions(t)
	target, err := url.Parse(opts.Endpoint)
	require.NoError(t, err)
	f := &faulty{ranges: make(chan string, 1000)}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is part of the signature
		},
		ModifyResponse: f.spoil,
		ErrorLog:       log.New(io.Discard, "", 0), // the faults are on purpose
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.refusals.Add(-1) >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	opts.Endpoint = server.URL
	return open(t, opts), f
}

func (f *faulty) spoil(resp *http.Response) error {
	if resp.StatusCode != http.StatusPartialContent {
		return nil
	}
	f.ranges <- resp.Request.Header.Get("Range")
	if n := f.cutAfter.Load(); n > 0 {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(io.LimitReader(resp.Body, n), broken{}), resp.Body}
	}
	return nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("cut on purpose") }

func stored(t *testing.T, b *storage.Bucket, content []byte) retailq.Object {
	t.Helper()
	o, err := b.Put(t.Context(), storage.Key(retailq.NewID(), "file.csv"), bytes.NewReader(content), -1, "text/csv")
	require.NoError(t, err)
	return o
}

func TestResetsAreInvisible(t *testing.T) {
	t.Parallel()
	b, f := setupFaulty(t)
	content := storagetest.Content(1, 1<<20)
	o := stored(t, b, content)
	f.cutAfter.Store(100_000)
	r, err := b.GetRange(t.Context(), o, 1000, 900_000)
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.True(t, bytes.Equal(content[1000:901_000], got))
	require.GreaterOrEqual(t, len(f.ranges), 9, "every connection brings at most 100,000 bytes")
	require.Equal(t, "bytes=1000-900999", <-f.ranges)
}

// setupFake returns a Bucket whose server is handler, and an object that it might hold.
func setupFake(t *testing.T, handler http.HandlerFunc) (*storage.Bucket, retailq.Object) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	b := open(t, storage.Options{
		Endpoint: server.URL, Bucket: "b", AccessKey: "a", SecretKey: "s", PathStyle: true,
	})
	return b, retailq.Object{Key: "k", ETag: "e", Size: 10}
}

// promise starts an answer of ten bytes and sends the first of them.
func promise(w http.ResponseWriter, first string) {
	w.Header().Set("ETag", `"e"`)
	w.Header().Set("Content-Length", "10")
	w.Header().Set("Content-Range", "bytes 0-9/10")
	w.WriteHeader(http.StatusPartialContent)
	_, _ = io.WriteString(w, first)           // the client sees to its errors
	_ = http.NewResponseController(w).Flush() // likewise
}

func TestResetsWithoutProgressEndAsUnavailable(t *testing.T) {
	t.Parallel()
	b, o := setupFake(t, func(w http.ResponseWriter, _ *http.Request) {
		promise(w, "")
		panic(http.ErrAbortHandler)
	})
	r, err := b.Get(t.Context(), o)
	require.NoError(t, err)
	_, err = io.ReadAll(r)
	requireCode(t, err, retailq.ErrUnavailable, "storage_unreachable")
	require.NoError(t, r.Close())
	_, err = r.Read(make([]byte, 1))
	require.ErrorIs(t, err, fs.ErrClosed)
}

func TestReaderEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b, o := setupFake(t, func(w http.ResponseWriter, r *http.Request) {
		promise(w, "01")
		<-r.Context().Done() // a server that has gone to sleep
	})
	ctx, cancel := context.WithCancel(t.Context())
	r, err := b.Get(ctx, o)
	require.NoError(t, err)
	_, err = io.ReadFull(r, make([]byte, 2))
	require.NoError(t, err)
	time.AfterFunc(10*time.Millisecond, cancel) // while Read waits
	_, err = r.Read(make([]byte, 1))
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, r.Close())

	_, err = b.Get(ctx, o)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, retailq.ErrUnavailable)
	_, err = b.Put(ctx, o.Key, strings.NewReader("new"), 3, "")
	require.ErrorIs(t, err, context.Canceled)
}

func TestReplacedInMidRead(t *testing.T) {
	t.Parallel()
	b, f := setupFaulty(t)
	o := stored(t, b, storagetest.Content(3, 1<<20))
	f.cutAfter.Store(100_000)
	r, err := b.Get(t.Context(), o)
	require.NoError(t, err)
	_, err = io.CopyN(io.Discard, r, 1000)
	require.NoError(t, err)
	_, err = b.Put(t.Context(), o.Key, bytes.NewReader(storagetest.Content(4, 1<<20)), 1<<20, "text/csv")
	require.NoError(t, err)
	_, err = io.ReadAll(r)
	require.ErrorIs(t, err, retailq.ErrConflict)

	require.NoError(t, b.Delete(t.Context(), o.Key))
	_, err = b.Get(t.Context(), o)
	require.ErrorIs(t, err, retailq.ErrNotFound)
}

func TestPutReturnsTheErrorOfItsBody(t *testing.T) {
	t.Parallel()
	b, _ := setupFaulty(t)
	key := storage.Key(retailq.NewID(), "x")
	for _, before := range []int{10, 20 << 20} { // in the only part, and in a later one
		body := io.MultiReader(bytes.NewReader(make([]byte, before)), broken{})
		_, err := b.Put(t.Context(), key, body, -1, "")
		require.ErrorContains(t, err, "cut on purpose")
	}
	_, err := b.Head(t.Context(), key)
	require.ErrorIs(t, err, retailq.ErrNotFound)
}

func TestAnswersBecomeKinds(t *testing.T) {
	t.Parallel()
	var status atomic.Int64
	b, o := setupFake(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) })
	for answer, want := range map[int]error{
		http.StatusForbidden: retailq.ErrUnavailable, http.StatusNotFound: retailq.ErrNotFound,
		http.StatusPreconditionFailed: retailq.ErrConflict, http.StatusRequestEntityTooLarge: retailq.ErrTooLarge,
	} {
		status.Store(int64(answer))
		_, err := b.Get(t.Context(), o)
		require.ErrorIs(t, err, want, "GET answered with %d", answer)
		_, err = b.Head(t.Context(), o.Key)
		require.ErrorIs(t, err, want, "HEAD answered with %d", answer)
	}
	// Other requests are repeated on these; Ping is not.
	for _, answer := range []int{http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusBadGateway} {
		status.Store(int64(answer))
		require.ErrorIs(t, b.Ping(t.Context()), retailq.ErrUnavailable, "answered with %d", answer)
	}
}

func TestSlowDownIsRepeatedUntilItPasses(t *testing.T) {
	t.Parallel()
	b, f := setupFaulty(t)
	o := stored(t, b, storagetest.Content(6, 1000))
	f.refusals.Store(2)
	r, err := b.Get(t.Context(), o)
	require.NoError(t, err)
	require.NoError(t, r.Close())
}

func TestAServerThatIgnoresRangeIsNoticed(t *testing.T) {
	t.Parallel()
	b, o := setupFake(t, func(w http.ResponseWriter, _ *http.Request) { promise(w, "0123456789") })
	_, err := b.GetRange(t.Context(), o, 2, 3)
	requireCode(t, err, retailq.ErrUnavailable, "storage_range_ignored")
	o.ETag = "other"
	_, err = b.GetRange(t.Context(), o, 2, 3)
	requireCode(t, err, retailq.ErrConflict, "object_changed")
}

func requireCode(t *testing.T, err, kind error, code string) {
	t.Helper()
	require.ErrorIs(t, err, kind)
	var e *retailq.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, code, e.Code, "%v", err)
	if code != "object_changed" {
		require.NotEmpty(t, e.Hint)
	}
}
