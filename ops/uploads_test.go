package ops

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/storage"
)

func TestUploadsAreCapped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, _, err := b.StoreUpload(t.Context(), b.admin, "x.csv", strings.NewReader(strings.Repeat("x", testUpload)))
	require.NoError(t, err, "as large as allowed")
	_, _, err = b.StoreUpload(t.Context(), b.admin, "x.csv", strings.NewReader(strings.Repeat("x", testUpload+1)))
	requireCode(t, err, retailq.ErrTooLarge, "file_too_large")
	requireCode(t, b.CheckUpload(b.admin, testUpload+1), retailq.ErrTooLarge, "file_too_large")
	require.NoError(t, b.CheckUpload(b.admin, testUpload))
	_, err = b.PrepareUpload(t.Context(), b.admin, "x.csv", testUpload+1)
	requireCode(t, err, retailq.ErrTooLarge, "file_too_large")
	_, err = b.PrepareUpload(t.Context(), b.admin, "x.csv", 0)
	requireCode(t, err, retailq.ErrInvalid, "size_invalid")
}

func TestDropUpload(t *testing.T) {
	t.Parallel()
	b := setup(t)
	object, _ := b.store(t, testFile)
	stranger := b.admin
	stranger.TenantID = retailq.NewID()
	requireCode(t, b.DropUpload(t.Context(), stranger, object.Key), retailq.ErrNotFound, "object_not_found")
	_, err := b.bucket.Head(t.Context(), object.Key)
	require.NoError(t, err)

	require.NoError(t, b.DropUpload(t.Context(), b.admin, object.Key))
	_, err = b.bucket.Head(t.Context(), object.Key)
	require.ErrorIs(t, err, retailq.ErrNotFound)
}

func TestUploadsKeepTheirName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for given, want := range map[string]string{
		"May.csv": "May.csv", "": "upload.csv", "../../x.csv": "x.csv", "/": "upload.csv",
	} {
		upload, err := b.PrepareUpload(t.Context(), b.admin, given, 1)
		require.NoError(t, err)
		require.True(t, storage.Owns(b.admin.TenantID, upload.ObjectKey))
		require.True(t, strings.HasSuffix(upload.ObjectKey, "/"+want), upload.ObjectKey)
	}
}
