package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

func createImport(t *testing.T, f *storetest.Fixture) retailq.ID {
	t.Helper()
	id := f.Create(func(n *store.NewJob) { n.Kind = "retailer.import" }).ID
	require.NoError(t, f.DB.InTx(t.Context(), func(tx *store.Tx) error {
		return tx.Tenant(f.Tenant.ID).CreateImport(t.Context(), retailq.Import{
			ID: id, Dataset: "retailers", Filename: "a.csv",
			Object:  retailq.Object{Key: "k", Version: "v", ETag: "e", Size: 7},
			Options: retailq.ImportOptions{CreateMasterData: true},
		})
	}))
	return id
}

func TestImportShowsWhatItsJobDoes(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	id := createImport(t, f)
	job := f.Claim(id)
	require.NoError(t, f.Ledger.Commit(t.Context(), job.Fence(), func(*store.Tx) (store.Checkpoint, error) {
		return store.Checkpoint{
			Progress: retailq.Progress{Phase: "importing", Done: 3, Total: 10},
			Counters: retailq.Counters{retailq.CountRead: 10, retailq.CountCreated: 2, retailq.CountRejected: 1},
		}, nil
	}))
	got, err := f.DB.Tenant(f.Tenant.ID).Import(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, retailq.Object{Key: "k", Version: "v", ETag: "e", Size: 7}, got.Object)
	require.True(t, got.Options.CreateMasterData)
	require.Equal(t, retailq.Running, got.State)
	require.Equal(t, retailq.Progress{Phase: "importing", Done: 3, Total: 10}, got.Progress)
	require.Equal(t, retailq.ImportRows{Read: 10, Created: 2, Rejected: 1, Unprocessed: 7}, got.Rows)
	require.Equal(t, f.Job(id).Version, got.Version)
	require.False(t, got.HasReport)
}

func TestImportsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	var ids []retailq.ID
	for range 3 {
		ids = append([]retailq.ID{createImport(t, f)}, ids...)
	}
	list := func(p store.Page) (got []retailq.ID) {
		imports, err := f.DB.Tenant(f.Tenant.ID).Imports(t.Context(), p)
		require.NoError(t, err)
		for _, i := range imports {
			got = append(got, i.ID)
		}
		return got
	}
	require.Equal(t, ids[:2], list(store.Page{Limit: 2}))
	require.Equal(t, ids[2:], list(store.Page{Limit: 2, Before: ids[1]}))
}

func TestChunksAreKeptAsCut(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	id := createImport(t, f)
	chunks := []store.Chunk{
		{Seq: 0, Start: 10, End: 500, StartLine: 2, Records: 40},
		{Seq: 1, Start: 500, End: 1 << 40, StartLine: 45, Records: 5000, Losers: []byte{0, 0xff, 7}},
	}
	report := &retailq.Object{Key: "part", ETag: "e", Size: 3}
	require.NoError(t, f.DB.InTx(t.Context(), func(tx *store.Tx) error {
		own := tx.Tenant(f.Tenant.ID)
		return errors.Join(own.CreateChunks(t.Context(), id, chunks), own.SetChunkReport(t.Context(), id, 1, report))
	}))
	chunks[1].Report = report
	for i, want := range chunks {
		got, err := f.DB.Tenant(f.Tenant.ID).Chunk(t.Context(), id, i)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	parts, err := f.DB.Tenant(f.Tenant.ID).ReportParts(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []retailq.Object{*report}, parts)
}

func TestRowErrorsArePagedInFileOrder(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	id := createImport(t, f)
	all := []retailq.RowError{
		{Line: 2, Column: "phone", Code: "phone_invalid", Value: "12\t3\n\\.", Message: "m", Hint: "h"},
		{Line: 2, Column: "name", Code: "name_missing", Message: "m"},
		{Line: 9, Code: "fields_too_many", Message: "m"},
		{Line: 10, Column: "phone", Code: "phone_invalid", Value: "ফোন", Message: "m"},
	}
	require.NoError(t, f.DB.InTx(t.Context(), func(tx *store.Tx) error {
		own := tx.Tenant(f.Tenant.ID)
		return errors.Join(own.AddRowErrors(t.Context(), id, all[2:]), own.AddRowErrors(t.Context(), id, all[:2]),
			own.AddRowErrors(t.Context(), id, nil))
	}))
	list := func(p store.ErrorPage) (got []retailq.RowError) {
		errs, err := f.DB.Tenant(f.Tenant.ID).RowErrors(t.Context(), id, p)
		require.NoError(t, err)
		for _, e := range errs {
			got = append(got, e.RowError)
		}
		return got
	}
	require.Equal(t, all, list(store.ErrorPage{Limit: 10}))
	require.Equal(t, all[1:3], list(store.ErrorPage{AfterLine: 2, AfterN: 0, Limit: 2}))
	require.Equal(t, []retailq.RowError{all[3]}, list(store.ErrorPage{AfterLine: 2, Code: "phone_invalid", Limit: 9}))

	counts, err := f.DB.Tenant(f.Tenant.ID).CountErrors(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []store.CodeCount{
		{Code: "phone_invalid", Count: 2, FirstLine: 2}, {Code: "fields_too_many", Count: 1, FirstLine: 9},
		{Code: "name_missing", Count: 1, FirstLine: 2},
	}, counts)
}
