package queue_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack"
	"retailq/internal/devstack/devstacktest"
	"retailq/queue"
	"retailq/store"
	"retailq/store/storetest"
)

// broken returns a fixture whose Redis may be broken, and that Redis.
func broken(t *testing.T) (*fixture, *devstack.Server) {
	t.Helper()
	stack := devstacktest.Private(t, devstack.PartRedis)
	return with(t, storetest.New(t), stack.RedisURL), stack.Redis
}

func TestJobsRunAfterRedisLostItsMemory(t *testing.T) {
	t.Parallel()
	f, _ := broken(t)
	f.dispatcher()
	require.Eventually(t, func() bool { return f.redis.Exists(t.Context(), "retailq:marker").Val() == 1 }, patience, tick)
	var ids []retailq.ID
	for range 20 {
		ids = append(ids, f.enqueue(""))
	}
	require.NoError(t, f.redis.FlushAll(t.Context()).Err())
	forgotten := time.Now()
	var performed atomic.Int64
	f.worker(options(), counting(&performed))
	for _, id := range ids {
		f.await(id, retailq.Succeeded)
	}
	t.Logf("done %s after FLUSHALL", time.Since(forgotten))
	require.Equal(t, int64(len(ids)), performed.Load())
}

func TestJobsOfAnOutageRunAfterIt(t *testing.T) {
	t.Parallel()
	f, server := broken(t)
	f.dispatcher(func(o *queue.DispatcherOptions) { o.RingAgain = 200 * time.Millisecond })
	var performed atomic.Int64
	f.worker(options(), counting(&performed))
	f.await(f.enqueue("before"), retailq.Succeeded)

	require.NoError(t, server.Kill())
	id := f.enqueue("meanwhile")
	require.Error(t, f.bell.Ping(t.Context()))
	require.Equal(t, retailq.Queued, f.Job(id).State, "the job exists whatever Redis does")
	require.NoError(t, server.Start(t.Context()))
	f.await(id, retailq.Succeeded)
	require.Equal(t, int64(2), performed.Load())
}

// A process takes a task from Redis and dies before it claims the job: asynq alone would notice after a minute.
func TestDeliveryTakenAndNotClaimedIsRungAgain(t *testing.T) {
	t.Parallel()
	f := setup(t)
	taken, release := make(chan bool), make(chan struct{})
	dead := asynq.NewServerFromRedisClient(f.redis, asynq.Config{
		Concurrency: 1, Queues: map[string]int{queue.Default: 1}, TaskCheckInterval: tick, LogLevel: asynq.FatalLevel,
	})
	require.NoError(t, dead.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		taken <- true
		<-release
		return nil
	})))
	defer dead.Shutdown()
	defer close(release)
	id := f.enqueue("")
	receive(t, taken, "task")
	dead.Stop()

	f.dispatcher(func(o *queue.DispatcherOptions) { o.RingAgain = 100 * time.Millisecond })
	var performed atomic.Int64
	f.worker(options(), counting(&performed))
	f.await(id, retailq.Succeeded)
	require.Equal(t, int64(1), performed.Load())
}

func TestDeliveriesThatWaitAreLeftAlone(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.enqueue("")
	for range 3 {
		require.NoError(t, f.bell.RingAgain(t.Context(), f.Delivery(id)))
	}
	info, err := asynq.NewInspectorFromRedisClient(f.redis).GetQueueInfo(queue.Default)
	require.NoError(t, err)
	require.Equal(t, 1, info.Size)
}

func TestJobsOfADeadWorkerAreRescued(t *testing.T) {
	t.Parallel()
	f := setup(t)
	job := f.Claim(f.create("")) // by a worker that gives no sign of life from here on
	f.dispatcher(func(o *queue.DispatcherOptions) { o.RescueAfter = 500 * time.Millisecond })
	var performed atomic.Int64
	f.worker(options(), counting(&performed))
	require.Zero(t, f.await(job.ID, retailq.Succeeded).Failures)
	require.Equal(t, []string{"created", "started", "rescued", "started", "succeeded"}, f.history(job.ID))
}

func TestScheduledJobsRunWhenTheyAreDue(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.dispatcher()
	var performed atomic.Int64
	f.worker(options(), counting(&performed))
	later := f.create("", func(n *store.NewJob) { n.Delay = time.Hour })
	soon := f.create("", func(n *store.NewJob) { n.Delay = 200 * time.Millisecond })
	job := f.await(soon, retailq.Succeeded)
	require.False(t, job.StartedAt.Before(job.RunAt.Add(-time.Minute)))
	require.Equal(t, retailq.Scheduled, f.Job(later).State)
	require.Equal(t, int64(1), performed.Load())
}

func TestManyDispatchersDoEverythingOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 3 {
		f.dispatcher(func(o *queue.DispatcherOptions) { o.Interval, o.RingAgain = tick, tick })
	}
	var mu sync.Mutex
	attempts := map[string]int{}
	flaky := queue.Bind(echo, func(_ context.Context, _ *queue.Run, in input) error {
		mu.Lock()
		defer mu.Unlock()
		if attempts[in.Text]++; attempts[in.Text] == 1 {
			return errors.New("once")
		}
		return nil
	})
	f.worker(options(), flaky)
	f.worker(options(), flaky)
	var ids []retailq.ID
	for range 20 {
		ids = append(ids, f.enqueue(retailq.NewID().String()))
	}
	for _, id := range ids {
		f.await(id, retailq.Succeeded)
	}
	mu.Lock()
	defer mu.Unlock()
	for text, n := range attempts {
		require.Equal(t, 2, n, text)
	}
}

func TestRedisForgetsUntilMarked(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, want := range []bool{false, true} {
		remembers, err := f.bell.Remembers(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, remembers)
		require.NoError(t, f.bell.Mark(t.Context()))
	}
}
