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

func TestUploadsTooLargeForOnePutAreStreamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.limits.UploadBytes = 2 * MaxSinglePut
	_, err := b.PrepareUpload(t.Context(), b.admin, "x.csv", MaxSinglePut)
	require.NoError(t, err)
	_, err = b.PrepareUpload(t.Context(), b.admin, "x.csv", MaxSinglePut+1)
	requireCode(t, err, retailq.ErrTooLarge, "single_put_too_large")
	require.NoError(t, b.CheckUpload(b.admin, MaxSinglePut+1))
}

func TestNamesThatCannotBeKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	longest := strings.Repeat("ক", maxFilename-4) + ".csv"
	object, _, err := b.StoreUpload(t.Context(), b.admin, longest, strings.NewReader(testFile))
	require.NoError(t, err, "three bytes for each character are no reason to refuse it")
	_, _, err = b.StartImport(t.Context(), b.admin, ImportRequest{ObjectKey: object.Key, Filename: longest})
	require.NoError(t, err)

	for _, name := range []string{"x" + longest, "a\x00b.csv", "\xff.csv"} {
		_, err := b.PrepareUpload(t.Context(), b.admin, name, 1)
		requireCode(t, err, retailq.ErrInvalid, "filename_invalid")
		_, _, err = b.StoreUpload(t.Context(), b.admin, name, strings.NewReader(testFile))
		requireCode(t, err, retailq.ErrInvalid, "filename_invalid")
		_, _, err = b.StartImport(t.Context(), b.admin, ImportRequest{ObjectKey: object.Key, Filename: name})
		requireCode(t, err, retailq.ErrInvalid, "filename_invalid")
	}
	_, _, err = b.StartImport(t.Context(), b.admin, ImportRequest{ObjectKey: strings.Repeat("k", maxObjectKey+1)})
	requireCode(t, err, retailq.ErrInvalid, "object_key_invalid")
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
