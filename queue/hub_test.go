package queue_test

import (
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/queue"
)

// hub returns a hub that works until the test ends.
func (f *fixture) hub() *queue.Hub {
	f.t.Helper()
	h := queue.NewHub(f.DB, f.bell)
	start(f.t, h.Run)
	return h
}

// change changes a running job once.
func (f *fixture) change(job *retailq.Job, done int64) {
	f.t.Helper()
	require.NoError(f.t, f.Ledger.ReportProgress(f.t.Context(), job.Fence(), retailq.Progress{Phase: "p", Done: done}))
	f.bell.Announce(f.t.Context(), job.ID)
}

func TestWatcherSeesEveryStateItWaitsFor(t *testing.T) {
	t.Parallel()
	f := setup(t)
	job := f.Job(f.create(""))
	watch := f.hub().Watch(job.ID, job.Version)
	defer watch.Close()
	claimed := f.Claim(job.ID)
	f.bell.Announce(t.Context(), job.ID)
	require.Equal(t, claimed, receive(t, watch.Changes, "claim"))
	f.Succeed(claimed)
	f.bell.Announce(t.Context(), job.ID)
	require.Equal(t, retailq.Succeeded, receive(t, watch.Changes, "end").State)
}

func TestWatcherThatComesLateSeesWhatItMissed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	job := f.Job(f.create(""))
	claimed := f.Claim(job.ID)
	h := f.hub()
	late := h.Watch(job.ID, job.Version)
	defer late.Close()
	require.Equal(t, claimed, receive(t, late.Changes, "change before the watch"))
}

func TestWatcherWithoutRedisSeesTheSame(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.redis = redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	f.bell = queue.NewBell(f.redis)
	defer f.redis.Close()
	job := f.Job(f.create(""))
	watch := f.hub().Watch(job.ID, job.Version)
	defer watch.Close()
	claimed := f.Claim(job.ID)
	require.Equal(t, claimed, receive(t, watch.Changes, "claim"))
	f.Succeed(claimed)
	require.Equal(t, retailq.Succeeded, receive(t, watch.Changes, "end").State)
}

// The fast watcher shows when the hub has passed a change on; by then the slow one has it too.
func TestSlowWatcherMissesAllButTheLast(t *testing.T) {
	t.Parallel()
	f := setup(t)
	job := f.Claim(f.create(""))
	h := f.hub()
	slow, fast := h.Watch(job.ID, job.Version), h.Watch(job.ID, job.Version)
	defer slow.Close()
	defer fast.Close()
	var last *retailq.Job
	for done := range int64(5) {
		f.change(job, done+1)
		for last == nil || last.Progress.Done != done+1 {
			last = receive(t, fast.Changes, "change")
		}
	}
	f.barrier(h)
	require.Equal(t, last, receive(t, slow.Changes, "last change"))
	require.Empty(t, slow.Changes)
}

// barrier waits until the hub has looked once more.
func (f *fixture) barrier(h *queue.Hub) {
	f.t.Helper()
	job := f.Claim(f.create(""))
	watch := h.Watch(job.ID, job.Version)
	defer watch.Close()
	f.change(job, 1)
	receive(f.t, watch.Changes, "look")
}

func TestClosedWatchSeesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	job := f.Claim(f.create(""))
	h := f.hub()
	closed, open := h.Watch(job.ID, job.Version), h.Watch(job.ID, job.Version)
	closed.Close()
	closed.Close()
	f.change(job, 1)
	receive(t, open.Changes, "change")
	open.Close()
	f.change(job, 2)
	f.barrier(h)
	require.Empty(t, closed.Changes)
	require.Empty(t, open.Changes)
}

func TestWatcherOfNothingWaits(t *testing.T) {
	t.Parallel()
	f := setup(t)
	h := f.hub()
	watch := h.Watch(retailq.NewID(), 0)
	defer watch.Close()
	f.barrier(h)
	require.Empty(t, watch.Changes)
}

// However many watch a job, the ledger is read once for all: they are given one and the same job.
func TestManyWatchersCostOneLook(t *testing.T) {
	t.Parallel()
	f := setup(t)
	job := f.Claim(f.create(""))
	h := f.hub()
	watches := make([]*queue.Watch, 1000)
	for i := range watches {
		watches[i] = h.Watch(job.ID, job.Version)
		defer watches[i].Close()
	}
	f.change(job, 1)
	first := receive(t, watches[0].Changes, "change")
	for _, w := range watches[1:] {
		require.Same(t, first, receive(t, w.Changes, "change"))
	}
}

func TestHubFollowsAJobThroughAWorker(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.worker(options(), counting(new(atomic.Int64)))
	id := f.create("")
	watch := f.hub().Watch(id, 0)
	defer watch.Close()
	f.bell.Ring(t.Context(), f.Delivery(id))
	var last int64
	for {
		job := receive(t, watch.Changes, "change")
		require.Greater(t, job.Version, last, "never backwards")
		if last = job.Version; job.State == retailq.Succeeded {
			return
		}
	}
}
