package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

func TestRepeatedRequestFindsItsJob(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	request := store.Idempotency{Scope: "tenant", Key: "k", Hash: []byte{1}}
	first, repeated, err := createOnce(t, f, request)
	require.NoError(t, err)
	require.False(t, repeated)
	again, repeated, err := createOnce(t, f, request)
	require.NoError(t, err)
	require.True(t, repeated)
	require.Equal(t, first, again)

	request.Hash = []byte{2}
	_, _, err = createOnce(t, f, request)
	require.ErrorIs(t, err, retailq.ErrConflict)
	request.Scope = "other tenant"
	_, repeated, err = createOnce(t, f, request)
	require.NoError(t, err)
	require.False(t, repeated, "keys are of a scope")
}

func TestRequestWithoutKeyIsNeverRepeated(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	for range 2 {
		_, repeated, err := createOnce(t, f, store.Idempotency{Scope: "tenant"})
		require.NoError(t, err)
		require.False(t, repeated)
	}
}

func TestRequestsAtTheSameTimeCreateOneJob(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	const racers = 8
	ids := make([]retailq.ID, racers)
	errs := make([]error, racers)
	race(racers, func(i int) {
		ids[i], _, errs[i] = createOnce(t, f, store.Idempotency{Scope: "tenant", Key: "k", Hash: []byte{1}})
	})
	for i := range racers {
		require.NoError(t, errs[i])
		require.Equal(t, ids[0], ids[i])
	}
	require.Equal(t, int64(1), f.Int(`SELECT count(*) FROM jobs`))
}

// createOnce does what a request that creates a job does.
func createOnce(t *testing.T, f *storetest.Fixture, i store.Idempotency) (id retailq.ID, repeated bool, err error) {
	t.Helper()
	err = f.DB.InTx(t.Context(), func(tx *store.Tx) error {
		if id, err = tx.Repeated(t.Context(), i); err != nil || !id.IsZero() {
			repeated = !id.IsZero()
			return err
		}
		job, _, err := tx.CreateJob(t.Context(), store.NewJob{Kind: "test", Queue: "default", MaxAttempts: 1, CreatedBy: "t"})
		if err != nil {
			return err
		}
		id = job.ID
		return tx.Remember(t.Context(), i, id)
	})
	return id, repeated, err
}
