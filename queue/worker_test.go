package queue_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/queue"
	"retailq/store"
	"retailq/store/storetest"
)

// counting returns a binding of echo that counts how often it is performed.
func counting(n *atomic.Int64) queue.Binding {
	return queue.Bind(echo, func(context.Context, *queue.Run, input) error {
		n.Add(1)
		return nil
	})
}

func TestWorkerPerformsJobs(t *testing.T) {
	t.Parallel()
	f := setup(t)
	w := f.worker(options(), queue.Bind(echo, func(ctx context.Context, r *queue.Run, in input) error {
		return r.Complete(ctx, func(*store.Tx) (queue.Done, error) {
			return queue.Done{Result: in, Counters: retailq.Counters{"rows": 7}}, nil
		})
	}))
	job := f.await(f.enqueue("hello"), retailq.Succeeded)
	require.JSONEq(t, `{"text": "hello"}`, string(job.Result))
	require.Equal(t, retailq.Counters{"rows": 7}, job.Counters)
	require.Equal(t, []string{"created", "started", "succeeded"}, f.history(job.ID))
	f.awaitSilence()

	workers, err := f.Ledger.Workers(t.Context())
	require.NoError(t, err)
	require.Len(t, workers, 1)
	require.NoError(t, w.stop())
	workers, err = f.Ledger.Workers(t.Context())
	require.NoError(t, err)
	require.Empty(t, workers, "who ends says goodbye")
}

func TestNilIsSuccess(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var performed atomic.Int64
	f.worker(options(), counting(&performed))
	f.await(f.enqueue(""), retailq.Succeeded)
	require.Equal(t, int64(1), performed.Load())
}

func TestDeliveriesBeyondTheFirstChangeNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.create("")
	d := f.Delivery(id)
	for range 5 {
		f.deliver(d)
	}
	f.deliver(retailq.Delivery{JobID: id, Epoch: d.Epoch - 1})
	f.deliver(retailq.Delivery{JobID: id, Epoch: d.Epoch + 1})
	f.deliver(retailq.Delivery{JobID: retailq.NewID()})
	f.deliver("not a delivery")
	var performed atomic.Int64
	f.worker(options(), counting(&performed))
	f.await(id, retailq.Succeeded)
	f.awaitSilence()
	require.Equal(t, int64(1), performed.Load())
	require.Equal(t, []string{"created", "started", "succeeded"}, f.history(id))
}

func TestPanicFailsTheAttemptAndNotTheProcess(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.dispatcher()
	f.worker(options(), queue.Bind(echo, func(_ context.Context, _ *queue.Run, in input) error {
		if in.Text == "bad" {
			panic("secret")
		}
		return nil
	}))
	job := f.await(f.enqueue("bad"), retailq.Failed)
	require.Equal(t, "internal", job.Failure.Code)
	require.NotContains(t, job.Failure.Message, "secret")
	require.Equal(t, 2, job.Failures)
	require.Equal(t, []string{"created", "started", "retrying", "started", "failed"}, f.history(job.ID))
	f.await(f.enqueue("good"), retailq.Succeeded)
}

func TestRetryWaitsForTheBackoff(t *testing.T) {
	t.Parallel()
	f := setup(t)
	kind := echo
	kind.Backoff = queue.Backoff{First: time.Hour, Max: time.Hour}
	f.worker(options(), queue.Bind(kind, func(context.Context, *queue.Run, input) error { return errors.New("broken") }))
	job := f.await(f.enqueue(""), retailq.Retrying)
	require.Equal(t, 1, job.Failures)
	wait := job.RunAt.Sub(job.UpdatedAt)
	require.GreaterOrEqual(t, wait, 30*time.Minute)
	require.LessOrEqual(t, wait, time.Hour)
}

func TestHopelessErrorFailsAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.worker(options(), queue.Bind(echo, func(context.Context, *queue.Run, input) error {
		return retailq.Invalid("header_missing", "the column uid is missing").WithHint("Add it.")
	}))
	job := f.await(f.enqueue(""), retailq.Failed)
	require.Equal(t, &retailq.Failure{Code: "header_missing", Message: "the column uid is missing", Hint: "Add it."},
		job.Failure)
	require.Equal(t, 1, job.Failures)
}

func TestArgumentsThatCannotBeReadFailTheJob(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var performed atomic.Int64
	f.worker(options(), counting(&performed))
	id := f.create("", func(n *store.NewJob) { n.Args = []int{1} })
	f.bell.Ring(t.Context(), f.Delivery(id))
	require.Equal(t, "args_invalid", f.await(id, retailq.Failed).Failure.Code)
	require.Zero(t, performed.Load())
}

// A worker of an older version may be asked for a kind it does not know yet; others do.
func TestUnknownKindIsLeftToOthers(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.worker(options())
	job := f.await(f.enqueue(""), retailq.Retrying)
	require.Zero(t, job.Failures, "an attempt was burned that nobody made")
}

func TestChildrenRunThroughWorkers(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const children = 9
	child := queue.Kind[input]{Name: "test.child", Queue: queue.Bulk, MaxAttempts: 1}
	parent := queue.BindParent(echo,
		func(ctx context.Context, r *queue.Run, _ input) error {
			return r.Spawn(ctx, func(tx *store.Tx) (store.Children, error) { return storetest.Children(children, 2)(tx) })
		},
		func(ctx context.Context, r *queue.Run, _ input) error {
			return r.Complete(ctx, func(*store.Tx) (queue.Done, error) {
				return queue.Done{Result: map[string]int64{"rows": r.Job.Counters["rows"]}}, nil
			})
		})
	work := queue.Bind(child, func(ctx context.Context, r *queue.Run, _ input) error {
		return r.Complete(ctx, func(*store.Tx) (queue.Done, error) {
			return queue.Done{Units: 1, Counters: retailq.Counters{"rows": 10}}, nil
		})
	})
	f.worker(options(), parent, work)
	f.worker(options(), parent, work)
	job := f.await(f.enqueue(""), retailq.Succeeded)
	require.JSONEq(t, `{"rows": 90}`, string(job.Result))
	require.Equal(t, int64(children), job.Progress.Done)
	f.awaitSilence()
}

func TestProgressIsWrittenNowAndThen(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const calls = 1000
	f.worker(options(), queue.Bind(echo, func(ctx context.Context, r *queue.Run, _ input) error {
		for i := range calls {
			if err := r.Progress(ctx, retailq.Progress{Phase: "p", Done: int64(i), Total: calls}); err != nil {
				return err
			}
		}
		return nil
	}))
	job := f.await(f.enqueue(""), retailq.Succeeded)
	require.Equal(t, "p", job.Progress.Phase)
	require.Less(t, job.Version, int64(calls/2))
}
