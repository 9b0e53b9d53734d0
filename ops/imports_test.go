package ops

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
)

func (b bundle) jobs(t *testing.T) []*retailq.Job {
	t.Helper()
	jobs, err := b.Jobs(t.Context(), b.admin, store.JobFilter{}, store.Page{Limit: 100})
	require.NoError(t, err)
	return jobs
}

func TestRepeatedImportIsFoundAfterItsFileHasGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	object, _ := b.store(t, testFile)
	r := ImportRequest{ObjectKey: object.Key, IdempotencyKey: "k"}
	first, started, err := b.StartImport(t.Context(), b.admin, r)
	require.NoError(t, err)
	require.True(t, started)

	require.NoError(t, b.DropUpload(t.Context(), b.admin, object.Key))
	again, started, err := b.StartImport(t.Context(), b.admin, r)
	require.NoError(t, err)
	require.False(t, started)
	require.Equal(t, first, again)

	r.IdempotencyKey = ""
	_, _, err = b.StartImport(t.Context(), b.admin, r)
	requireCode(t, err, retailq.ErrNotFound, "object_not_found")
	require.Len(t, b.jobs(t), 1)
}

func TestIdempotencyKeysBelongToOneRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	object, _ := b.store(t, testFile)
	r := ImportRequest{ObjectKey: object.Key, IdempotencyKey: "k"}
	first, _, err := b.StartImport(t.Context(), b.admin, r)
	require.NoError(t, err)

	other := r
	other.CreateMasterData = true
	_, _, err = b.StartImport(t.Context(), b.admin, other)
	requireCode(t, err, retailq.ErrConflict, "idempotency_key_reused")

	spelled := r
	spelled.Dataset, spelled.Filename = "retailers", "retailers.csv"
	same, started, err := b.StartImport(t.Context(), b.admin, spelled)
	require.NoError(t, err)
	require.False(t, started, "defaults that are spelled out are no other request")
	require.Equal(t, first.ID, same.ID)

	colleague := b.admin
	colleague.Email = "b@example.com"
	theirs, started, err := b.StartImport(t.Context(), colleague, r)
	require.NoError(t, err)
	require.True(t, started, "keys of different callers have nothing to do with each other")
	require.NotEqual(t, first.ID, theirs.ID)
}

func TestSameContentStoredAnewIsTheSameRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var ids []retailq.ID
	for range 2 {
		object, sum := b.store(t, testFile)
		r := ImportRequest{ObjectKey: object.Key, ContentSHA256: sum, IdempotencyKey: "k"}
		imported, _, err := b.StartImport(t.Context(), b.admin, r)
		require.NoError(t, err)
		ids = append(ids, imported.ID)
	}
	require.Equal(t, ids[0], ids[1])
	object, sum := b.store(t, testFile+"R3,More\n")
	_, _, err := b.StartImport(t.Context(), b.admin,
		ImportRequest{ObjectKey: object.Key, ContentSHA256: sum, IdempotencyKey: "k"})
	requireCode(t, err, retailq.ErrConflict, "idempotency_key_reused")
}

func TestParallelRepetitionsStartOneImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	object, _ := b.store(t, testFile)
	const n = 20
	started := make([]bool, n)
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			_, started[i], errs[i] = b.StartImport(t.Context(), b.admin,
				ImportRequest{ObjectKey: object.Key, IdempotencyKey: "k"})
		})
	}
	group.Wait()
	count := 0
	for i := range n {
		require.NoError(t, errs[i])
		if started[i] {
			count++
		}
	}
	require.Equal(t, 1, count)
	require.Len(t, b.jobs(t), 1)
}

func TestImportsNeedATenantAndTheRight(t *testing.T) {
	t.Parallel()
	b := setup(t)
	object, _ := b.store(t, testFile)
	r := ImportRequest{ObjectKey: object.Key}
	_, _, err := b.StartImport(t.Context(), retailq.Principal{Role: retailq.PlatformAdmin}, r)
	requireCode(t, err, retailq.ErrInvalid, "tenant_missing")
	viewer := b.admin
	viewer.Role = retailq.Viewer
	_, _, err = b.StartImport(t.Context(), viewer, r)
	requireCode(t, err, retailq.ErrForbidden, "forbidden")
	stranger := b.admin
	stranger.TenantID = retailq.NewID()
	_, _, err = b.StartImport(t.Context(), stranger, r)
	requireCode(t, err, retailq.ErrNotFound, "object_not_found")
}
