package queue_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack"
	"retailq/internal/devstack/devstacktest"
	"retailq/queue"
	"retailq/store"
	"retailq/store/storetest"
)

// holding returns a binding of echo whose attempts report that they run, and hold on until they are stopped.
func holding(started chan<- *queue.Run) queue.Binding {
	return queue.Bind(echo, func(ctx context.Context, r *queue.Run, in input) error {
		started <- r
		if in.Text == "deaf" {
			<-ctx.Done()
			return ctx.Err()
		}
		<-r.Stopping()
		return context.Canceled
	})
}

// TestWishesAreObeyed measures from the order to the new state. Half of the time an announcement brings the order to
// the worker; the other half Redis says nothing, and the next heartbeat does.
func TestWishesAreObeyed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		text      string
		announced bool
		want      retailq.State
	}{
		{"pause, announced", "", true, retailq.Paused},
		{"cancel, announced", "", true, retailq.Cancelled},
		{"pause, unheard", "", false, retailq.Paused},
		{"cancel, unheard", "", false, retailq.Cancelled},
		{"cancel of a function that looks at its context only", "deaf", true, retailq.Cancelled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := setup(t) // a worker of its own, or heartbeats for others would hide a lost announcement
			opts := options()
			opts.Heartbeat = 500 * time.Millisecond
			if tt.announced {
				opts.Heartbeat = time.Hour
			}
			started := make(chan *queue.Run, 1)
			f.worker(opts, holding(started))
			id := f.enqueue(tt.text)
			receive(t, started, "attempt")
			verb := f.Ledger.Pause
			if tt.want == retailq.Cancelled {
				verb = f.Ledger.Cancel
			}
			ordered := time.Now()
			f.Steer(verb, id)
			if tt.announced {
				f.bell.Announce(t.Context(), id)
			}
			require.Zero(t, f.await(id, tt.want).Failures)
			t.Logf("obeyed after %s", time.Since(ordered))
		})
	}
}

func TestChildrenObeyTheirParentsWish(t *testing.T) {
	t.Parallel()
	f := setup(t)
	started := make(chan *queue.Run, 4)
	child := queue.Kind[input]{Name: "test.child", Queue: queue.Bulk, MaxAttempts: 1}
	parent := queue.BindParent(echo,
		func(ctx context.Context, r *queue.Run, _ input) error { return r.Spawn(ctx, storetest.Children(4, 2)) },
		func(context.Context, *queue.Run, input) error { return nil })
	f.worker(options(), parent, queue.Bind(child, func(_ context.Context, r *queue.Run, _ input) error {
		started <- r
		<-r.Stopping()
		return context.Canceled
	}))
	id := f.enqueue("")
	receive(t, started, "child")
	receive(t, started, "child")
	f.Steer(f.Ledger.Pause, id)
	f.await(id, retailq.Paused)
	f.bell.Ring(t.Context(), f.Steer(f.Ledger.Resume, id)...)
	receive(t, started, "child")
	f.Steer(f.Ledger.Cancel, id)
	f.await(id, retailq.Cancelled)
	for _, c := range f.Children(id) {
		require.Equal(t, retailq.Cancelled, c.State)
		require.Zero(t, c.Failures)
	}
}

// A deploy ends workers in the middle of things: the job goes to another worker and no attempt is burned.
func TestWorkerThatEndsHandsItsJobsBack(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"listening", "deaf"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			opts := options()
			opts.Shutdown = 200 * time.Millisecond
			started := make(chan *queue.Run, 1)
			first := f.worker(opts, holding(started))
			id := f.enqueue(text)
			receive(t, started, "attempt")
			require.NoError(t, first.stop())
			require.Equal(t, retailq.Queued, f.Job(id).State, "nothing is left in the hands of a worker that has ended")

			var performed atomic.Int64
			f.worker(options(), counting(&performed))
			job := f.await(id, retailq.Succeeded)
			require.Zero(t, job.Failures)
			require.Equal(t, int64(1), performed.Load())
			require.Equal(t, []string{"created", "started", "handed back", "started", "succeeded"}, f.history(id))
			f.awaitSilence()
		})
	}
}

func TestWorkerThatEndsLetsWorkComeToItsBorder(t *testing.T) {
	t.Parallel()
	f := setup(t)
	started := make(chan bool, 1)
	w := f.worker(options(), queue.Bind(echo, func(ctx context.Context, r *queue.Run, _ input) error {
		started <- true
		<-r.Stopping()
		return r.Complete(ctx, func(*store.Tx) (queue.Done, error) { return queue.Done{}, nil })
	}))
	id := f.enqueue("")
	receive(t, started, "attempt")
	require.NoError(t, w.stop())
	require.Equal(t, retailq.Succeeded, f.Job(id).State)
}

// Somebody has taken the job away while its worker was thought dead: the attempt learns of it, and commits nothing.
func TestAttemptWhoseJobWasTakenAway(t *testing.T) {
	t.Parallel()
	f := setup(t)
	cause, refused := make(chan error, 1), make(chan error, 1)
	started := make(chan *queue.Run, 1)
	w := f.worker(options(), queue.Bind(echo, func(ctx context.Context, r *queue.Run, _ input) error {
		started <- r
		<-ctx.Done()
		cause <- context.Cause(ctx)
		late := context.WithoutCancel(ctx)
		refused <- r.Complete(late, func(*store.Tx) (queue.Done, error) { return queue.Done{Result: "zombie"}, nil })
		return ctx.Err()
	}))
	id := f.enqueue("")
	run := receive(t, started, "attempt")
	_, err := f.Ledger.Rescue(t.Context(), store.Orphan{Fence: run.Job.Fence(), WorkerID: w.id})
	require.NoError(t, err)
	require.ErrorIs(t, receive(t, cause, "end of the context"), retailq.ErrFenced)
	require.ErrorIs(t, receive(t, refused, "answer to Complete"), retailq.ErrFenced)
	require.NoError(t, w.stop())
	job := f.Job(id)
	require.Equal(t, retailq.Queued, job.State)
	require.Nil(t, job.Result)
	require.Zero(t, job.Failures)
	require.Equal(t, []string{"created", "started", "rescued"}, f.history(id))
}

// The answer to a claim may get lost: the ledger says that the worker holds a job it knows nothing of.
func TestJobHeldWithoutKnowingIsHandedBack(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var performed atomic.Int64
	w := f.worker(options(), counting(&performed))
	id := f.create("")
	_, err := f.Ledger.Claim(t.Context(), f.Delivery(id), w.id)
	require.NoError(t, err)
	require.Zero(t, f.await(id, retailq.Succeeded).Failures)
	require.Equal(t, []string{"created", "started", "handed back", "started", "succeeded"}, f.history(id))
}

// A database that restarts in the middle costs time: what was to be claimed is claimed, and what was to end, ends.
func TestWorkOutlivesARestartOfTheDatabase(t *testing.T) {
	t.Parallel()
	stack := devstacktest.Private(t, devstack.PartPostgres)
	f := with(t, storetest.At(t, stack.DatabaseURL), devstacktest.Redis(t))
	started, release := make(chan bool, 2), make(chan struct{})
	f.worker(options(), queue.Bind(echo, func(context.Context, *queue.Run, input) error {
		started <- true
		<-release
		return nil
	}))
	running, waiting := f.enqueue("running"), f.create("waiting")
	delivery := f.Delivery(waiting)
	receive(t, started, "attempt")
	require.NoError(t, stack.Postgres.Stop())
	close(release)
	f.bell.Ring(t.Context(), delivery)
	require.Eventually(t, func() bool {
		return f.redis.ZCard(t.Context(), "asynq:{"+queue.Default+"}:retry").Val() == 1
	}, patience, tick, "the claim is to fail and be repeated")
	require.NoError(t, stack.Postgres.Start(t.Context()))
	for _, id := range []retailq.ID{running, waiting} {
		require.Zero(t, f.await(id, retailq.Succeeded).Failures)
		require.Equal(t, []string{"created", "started", "succeeded"}, f.history(id))
	}
	f.awaitSilence()
}
