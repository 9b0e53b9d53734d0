package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

func TestBeatReturnsWhatTheWorkerHolds(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	self := store.Worker{ID: retailq.NewID(), Host: "h", PID: 7, Version: "v", Concurrency: 2}
	held, err := f.Ledger.Beat(t.Context(), self)
	require.NoError(t, err)
	require.Empty(t, held)

	job, err := f.Ledger.Claim(t.Context(), f.Delivery(f.Create().ID), self.ID)
	require.NoError(t, err)
	parent := f.Spawn(1, 1)
	child, err := f.Ledger.Claim(t.Context(), f.Delivery(f.Children(parent.ID)[0].ID), self.ID)
	require.NoError(t, err)
	f.Claim(f.Create().ID) // somebody else's
	beat := func() []store.Held {
		held, err := f.Ledger.Beat(t.Context(), self)
		require.NoError(t, err)
		return held
	}
	require.ElementsMatch(t, []store.Held{{Fence: job.Fence()}, {Fence: child.Fence()}}, beat())

	f.Steer(f.Ledger.Cancel, job.ID)
	f.Steer(f.Ledger.Pause, parent.ID)
	require.ElementsMatch(t, []store.Held{
		{Fence: job.Fence(), Wish: retailq.WishCancel}, {Fence: child.Fence(), Wish: retailq.WishPause},
	}, beat(), "what is wished of the parent is wished of the child")

	f.End(job, store.HandedBack("handed back"))
	f.Steer(f.Ledger.Resume, parent.ID)
	require.Equal(t, []store.Held{{Fence: child.Fence()}}, beat())
}

func TestWorkersAreListedAndForgotten(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	idle, gone, holding := f.Worker(), f.Worker(), f.Claim(f.Create().ID).WorkerID
	f.Exec(`UPDATE workers SET heartbeat_at = now() - interval '2 h' WHERE id <> $1`, idle)
	require.NoError(t, f.Ledger.ForgetWorkers(t.Context(), time.Hour))

	workers, err := f.Ledger.Workers(t.Context())
	require.NoError(t, err)
	var ids []retailq.ID
	for _, w := range workers {
		ids = append(ids, w.ID)
	}
	require.ElementsMatch(t, []retailq.ID{idle, holding}, ids, "one that still holds a job is evidence")
	require.NotContains(t, ids, gone)

	require.NoError(t, f.Ledger.Leave(t.Context(), idle))
	workers, err = f.Ledger.Workers(t.Context())
	require.NoError(t, err)
	require.Len(t, workers, 1)
}
