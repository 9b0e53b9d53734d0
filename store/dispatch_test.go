package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

func TestDueQueuesOnlyWhatIsDue(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	later := f.Create(func(n *store.NewJob) { n.Delay = time.Hour })
	due := f.Create(func(n *store.NewJob) { n.Delay = time.Hour })
	retry := f.Claim(f.Create().ID)
	f.Retry(retry, 0)
	f.Exec(`UPDATE jobs SET run_at = now() - interval '1 s' WHERE id = $1`, due.ID)

	deliveries, err := f.Ledger.Due(t.Context(), 10)
	require.NoError(t, err)
	require.ElementsMatch(t, []retailq.Delivery{f.Delivery(due.ID), f.Delivery(retry.ID)}, deliveries)
	require.Equal(t, retailq.Queued, f.Job(due.ID).State)
	require.Equal(t, retailq.Scheduled, f.Job(later.ID).State)
	again, err := f.Ledger.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, again)
}

// The limits hold whatever plan the tables' statistics lead to.
func TestDispatchIsBounded(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	ids := map[retailq.ID]bool{}
	for range 20 {
		job := f.Claim(f.Create().ID)
		f.Retry(job, 0)
	}
	for range 4 {
		f.Exec(`ANALYZE jobs`)
		deliveries, err := f.Ledger.Due(t.Context(), 5)
		require.NoError(t, err)
		require.Len(t, deliveries, 5)
		for _, d := range deliveries {
			ids[d.JobID] = true
		}
	}
	require.Len(t, ids, 20)
	f.Exec(`UPDATE jobs SET rung_at = NULL`)
	for range 4 {
		f.Exec(`ANALYZE jobs`)
		deliveries, err := f.Ledger.Unheard(t.Context(), time.Minute, 5)
		require.NoError(t, err)
		require.Len(t, deliveries, 5)
	}
}

func TestEveryDueJobGoesToOneDispatcher(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	const jobs, dispatchers = 200, 6
	f.Exec(`
		INSERT INTO jobs (id, kind, queue, state, max_attempts, created_by)
		SELECT uuid_v7(), 'test', 'default', 'scheduled', 1, 'test' FROM generate_series(1, $1::int)`, jobs)
	var mu sync.Mutex
	due, unheard := map[retailq.ID]int{}, map[retailq.ID]int{}
	collect := func(into map[retailq.ID]int, look func() ([]retailq.Delivery, error)) {
		race(dispatchers, func(int) {
			for {
				deliveries, err := look()
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				for _, d := range deliveries {
					into[d.JobID]++
				}
				done := len(into) == jobs
				mu.Unlock()
				if done {
					return
				}
			}
		})
	}
	collect(due, func() ([]retailq.Delivery, error) { return f.Ledger.Due(t.Context(), 7) })
	f.Exec(`UPDATE jobs SET rung_at = NULL`)
	collect(unheard, func() ([]retailq.Delivery, error) { return f.Ledger.Unheard(t.Context(), time.Hour, 7) })
	for id, times := range due {
		require.Equal(t, 1, times)
		require.Equal(t, 1, unheard[id])
	}
}

func TestUnheardJobsAreRungForOnceInAWhile(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Create()
	look := func(olderThan time.Duration) []retailq.Delivery {
		deliveries, err := f.Ledger.Unheard(t.Context(), olderThan, 10)
		require.NoError(t, err)
		return deliveries
	}
	require.Empty(t, look(time.Minute), "it was rung for when it was created")
	f.Exec(`UPDATE jobs SET rung_at = now() - interval '2 min'`)
	require.Equal(t, []retailq.Delivery{f.Delivery(job.ID)}, look(time.Minute))
	require.Empty(t, look(time.Minute))
	require.Equal(t, job.Version, f.Job(job.ID).Version, "ringing is no news")

	n, err := f.Ledger.Unring(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
	require.Len(t, look(time.Minute), 1)

	f.Claim(job.ID)
	n, err = f.Ledger.Unring(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	require.Empty(t, look(0), "whoever has claimed has heard")
}

// stale makes every worker look dead.
func stale(f *storetest.Fixture) {
	f.Exec(`UPDATE workers SET heartbeat_at = now() - interval '1 min'`)
}

func orphans(t *testing.T, f *storetest.Fixture) []store.Orphan {
	t.Helper()
	list, err := f.Ledger.Orphans(t.Context(), 10*time.Second, 10)
	require.NoError(t, err)
	return list
}

func TestOrphansAreRescued(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	require.Empty(t, orphans(t, f), "its worker lives")
	stale(f)
	found := orphans(t, f)
	require.Equal(t, []store.Orphan{{Fence: job.Fence(), Kind: "test", WorkerID: job.WorkerID}}, found)

	deliveries, err := f.Ledger.Rescue(t.Context(), found[0])
	require.NoError(t, err)
	require.Equal(t, []retailq.Delivery{{JobID: job.ID, Epoch: job.Epoch + 1, Queue: job.Queue}}, deliveries)
	got := f.Job(job.ID)
	require.Equal(t, retailq.Queued, got.State)
	require.Zero(t, got.Failures)
	require.Equal(t, []string{"created", "started", "rescued"}, eventTypes(t, f, job.ID))

	_, err = f.Ledger.Rescue(t.Context(), found[0])
	require.ErrorIs(t, err, retailq.ErrFenced, "another dispatcher was faster")
	_, err = f.Ledger.End(t.Context(), job.Fence(), storetest.Ending(store.Ending{State: retailq.Succeeded}))
	require.ErrorIs(t, err, retailq.ErrFenced, "the worker was not dead after all")
	require.Empty(t, orphans(t, f))
}

func TestJobsOfAWorkerThatLeftAreOrphansAtOnce(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	require.NoError(t, f.Ledger.Leave(t.Context(), job.WorkerID))
	require.Len(t, orphans(t, f), 1)
}

func TestParentsWithoutWorkerAreNoOrphans(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	f.Spawn(2, 1)
	stale(f)
	require.Empty(t, orphans(t, f))
}

func TestRescueHonoursTheWish(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	for _, tt := range []struct {
		wish storetest.Verb
		want retailq.State
	}{{f.Ledger.Pause, retailq.Paused}, {f.Ledger.Cancel, retailq.Cancelled}} {
		job := f.Claim(f.Create().ID)
		f.Steer(tt.wish, job.ID)
		stale(f)
		deliveries, err := f.Ledger.Rescue(t.Context(), orphans(t, f)[0])
		require.NoError(t, err)
		require.Empty(t, deliveries)
		require.Equal(t, tt.want, f.Job(job.ID).State)
	}
}

func TestRescuedChildFollowsItsParent(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	for _, tt := range []struct {
		wish          storetest.Verb
		child, parent retailq.State
	}{
		{f.Ledger.Pause, retailq.Scheduled, retailq.Paused},
		{f.Ledger.Cancel, retailq.Cancelled, retailq.Cancelling},
	} {
		parent := f.Spawn(1, 1)
		child := f.Claim(f.Children(parent.ID)[0].ID)
		f.Steer(tt.wish, parent.ID)
		stale(f)
		_, err := f.Ledger.Rescue(t.Context(), orphans(t, f)[0])
		require.NoError(t, err)
		require.Equal(t, tt.child, f.Job(child.ID).State)
		require.Equal(t, tt.parent, f.Job(parent.ID).State)
	}
}
