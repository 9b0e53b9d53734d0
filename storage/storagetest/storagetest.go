// Package storagetest holds the conformance suite of storage: what retailq asks of an S3-compatible server, and of
// package storage in front of it. Run it against every server that is to be supported.
package storagetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/storage"
)

// Run holds a bucket to the suite. Everything it writes lies under tenants of its own, so that the bucket may be
// shared; nothing is left behind.
func Run(t *testing.T, b *storage.Bucket) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, *storage.Bucket, retailq.ID){
		"put and get":                putAndGet,
		"a stream of unknown size":   putStream,
		"a body of the wrong length": putWrongLength,
		"head of nothing":            headMissing,
		"ranges":                     ranges,
		"ranges outside the object":  rangesOutside,
		"a replaced object":          replaced,
		"a deleted object":           deleted,
		"list":                       list,
		"delete":                     deleteMany,
		"presigned put":              presignedPut,
		"presigned get":              presignedGet,
		"awkward keys":               awkwardKeys,
		"ping and ensure":            pingAndEnsure,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := retailq.NewID()
			t.Cleanup(func() { empty(t, b, tenant) })
			test(t, b, tenant)
		})
	}
}

func empty(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // which has ended by the time of clean-up
	var keys []string
	for o, err := range b.List(ctx, storage.Key(tenant)) {
		require.NoError(t, err)
		keys = append(keys, o.Key)
	}
	require.NoError(t, b.Delete(ctx, keys...))
}

// Content returns n bytes that look like noise and depend on the seed only.
func Content(seed uint64, n int) []byte {
	var key [32]byte
	key[0] = byte(seed)
	content := make([]byte, n)
	_, _ = rand.NewChaCha8(key).Read(content) // never fails
	return content
}

func put(t *testing.T, b *storage.Bucket, key string, content []byte) retailq.Object {
	t.Helper()
	o, err := b.Put(t.Context(), key, bytes.NewReader(content), int64(len(content)), "text/csv")
	require.NoError(t, err)
	return o
}

func read(t *testing.T, r io.ReadCloser, err error) []byte {
	t.Helper()
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return got
}

func putAndGet(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	for _, size := range []int{0, 1, 64 << 10} {
		key := storage.Key(tenant, "sizes", fmt.Sprint(size))
		content := Content(1, size)
		stored := put(t, b, key, content)
		require.Equal(t, key, stored.Key)
		require.EqualValues(t, size, stored.Size)
		require.NotEmpty(t, stored.ETag)
		require.NotContains(t, stored.ETag, `"`)

		seen, err := b.Head(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, stored, seen)
		r, err := b.Get(t.Context(), seen)
		require.True(t, bytes.Equal(content, read(t, r, err)))
	}
}

func putStream(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	const size = 20<<20 + 12345
	key := storage.Key(tenant, "stream")
	content := Content(2, size)
	stored, err := b.Put(t.Context(), key, io.MultiReader(bytes.NewReader(content)), -1, "text/csv")
	require.NoError(t, err)
	require.EqualValues(t, size, stored.Size)
	seen, err := b.Head(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, stored, seen)
	r, err := b.Get(t.Context(), stored)
	require.Equal(t, sha256.Sum256(content), sha256.Sum256(read(t, r, err)))
}

func putWrongLength(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	key := storage.Key(tenant, "lengths")
	for _, announced := range []int64{9, 11, 40 << 20} {
		for _, actual := range []int{10, 12 << 20} {
			_, err := b.Put(t.Context(), key, bytes.NewReader(Content(3, actual)), announced, "")
			require.ErrorIs(t, err, retailq.ErrInvalid, "%d announced, %d sent", announced, actual)
		}
	}
	_, err := b.Head(t.Context(), key)
	require.ErrorIs(t, err, retailq.ErrNotFound)
}

func headMissing(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	key := storage.Key(tenant, "nothing")
	_, err := b.Head(t.Context(), key)
	require.ErrorIs(t, err, retailq.ErrNotFound)
	require.ErrorContains(t, err, key)
}

func ranges(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	content := Content(4, 1<<20)
	o := put(t, b, storage.Key(tenant, "ranges"), content)
	for _, r := range [][2]int64{{0, 1}, {0, o.Size}, {1, 1000}, {o.Size - 1, 1}, {12345, 0}, {o.Size, 0}} {
		body, err := b.GetRange(t.Context(), o, r[0], r[1])
		require.True(t, bytes.Equal(content[r[0]:r[0]+r[1]], read(t, body, err)), "range %v", r)
	}
}

func rangesOutside(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	o := put(t, b, storage.Key(tenant, "outside"), Content(5, 100))
	for _, r := range [][2]int64{{-1, 2}, {0, -1}, {0, 101}, {100, 1}, {101, 0}, {1, 1<<63 - 1}} {
		_, err := b.GetRange(t.Context(), o, r[0], r[1])
		require.ErrorIs(t, err, retailq.ErrInvalid, "range %v", r)
	}
}

func replaced(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	key := storage.Key(tenant, "replaced")
	before := put(t, b, key, Content(6, 5000))
	put(t, b, key, Content(7, 5000))
	for _, length := range []int64{0, 10} {
		body, err := b.GetRange(t.Context(), before, 0, length)
		if before.Version != "" {
			require.True(t, bytes.Equal(Content(6, 5000)[:length], read(t, body, err)))
			continue
		}
		requireError(t, err, retailq.ErrConflict, "object_changed")
	}
}

func deleted(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	o := put(t, b, storage.Key(tenant, "deleted"), Content(8, 5000))
	require.NoError(t, b.Delete(t.Context(), o.Key))
	for _, length := range []int64{0, 10} {
		o.Version = ""
		_, err := b.GetRange(t.Context(), o, 0, length)
		requireError(t, err, retailq.ErrNotFound, "object_not_found")
	}
}

func list(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	const n = 7
	var want []retailq.Object
	for i := range n {
		o := put(t, b, storage.Key(tenant, "list", fmt.Sprintf("%02d", i)), Content(9, i))
		o.Version = ""
		want = append(want, o)
	}
	put(t, b, storage.Key(tenant, "other"), nil)
	var got []retailq.Object
	for o, err := range b.List(t.Context(), storage.Key(tenant, "list")+"/") {
		require.NoError(t, err)
		got = append(got, o)
	}
	require.Equal(t, want, got)
	for _, err := range b.List(t.Context(), storage.Key(tenant)) {
		require.NoError(t, err)
		break // the rest is not asked for
	}
}

func deleteMany(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	require.NoError(t, b.Delete(t.Context()))
	keys := make([]string, 1001) // more than one request may hold; most of them do not exist
	for i := range keys {
		keys[i] = storage.Key(tenant, "many", fmt.Sprint(i))
	}
	put(t, b, keys[0], Content(10, 10))
	put(t, b, keys[1000], Content(10, 10))
	require.NoError(t, b.Delete(t.Context(), keys...))
	for o, err := range b.List(t.Context(), storage.Key(tenant)) {
		require.NoError(t, err)
		require.Fail(t, "not deleted", o.Key)
	}
}

func presignedPut(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	key := storage.Key(tenant, "presigned put")
	terms := storage.PutTerms{ContentType: "text/csv", Size: 5}
	signed, err := b.PresignPut(t.Context(), key, time.Minute, terms)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(time.Minute), signed.ExpiresAt, 10*time.Second)

	require.Equal(t, http.StatusForbidden, send(t, signed, "hello and more"), "another length")
	tampered := signed
	tampered.URL = strings.Replace(signed.URL, "presigned", "tampered", 1)
	require.Equal(t, http.StatusForbidden, send(t, tampered, "hello"), "another key")
	require.Equal(t, http.StatusOK, send(t, signed, "hello"))

	o, err := b.Head(t.Context(), key)
	require.NoError(t, err)
	require.EqualValues(t, 5, o.Size)
}

func send(t *testing.T, signed storage.Presigned, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), signed.Method, signed.URL, strings.NewReader(body))
	require.NoError(t, err)
	req.Header = signed.Header.Clone()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

func presignedGet(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	content := Content(11, 1000)
	o := put(t, b, storage.Key(tenant, "presigned get"), content)
	link, err := b.PresignGet(t.Context(), o, time.Minute, "Rückläufer Mai.csv")
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.True(t, bytes.Equal(content, read(t, resp.Body, nil)))
	require.Equal(t, "attachment; filename*=utf-8''R%C3%BCckl%C3%A4ufer%20Mai.csv",
		resp.Header.Get("Content-Disposition"))
}

func awkwardKeys(t *testing.T, b *storage.Bucket, tenant retailq.ID) {
	for _, name := range []string{"a b+c&d=e.csv", "দোকান.csv", "100%.csv", "%2e", "?x#y"} {
		key := storage.Key(tenant, "awkward") + "/" + name
		o := put(t, b, key, []byte(name))
		require.Equal(t, key, o.Key)
		r, err := b.Get(t.Context(), o)
		require.Equal(t, name, string(read(t, r, err)))
	}
}

func pingAndEnsure(t *testing.T, b *storage.Bucket, _ retailq.ID) {
	require.NoError(t, b.Ping(t.Context()))
	require.NoError(t, b.EnsureBucket(t.Context()), "it exists")
}

func requireError(t *testing.T, err, kind error, code string) {
	t.Helper()
	require.ErrorIs(t, err, kind)
	var e *retailq.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, code, e.Code)
}
