package queue_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack/devstacktest"
	"retailq/queue"
	"retailq/store"
	"retailq/store/storetest"
)

// tick is how often tests look whether what they wait for has happened; patience is how long they wait for it on a
// machine that is busy with other things.
const (
	tick     = 10 * time.Millisecond
	patience = 30 * time.Second
)

// fixture is a database and a Redis for one test.
type fixture struct {
	*storetest.Fixture
	redis *redis.Client
	bell  *queue.Bell
	t     *testing.T
}

func setup(t *testing.T) *fixture {
	t.Helper()
	return with(t, storetest.New(t), devstacktest.Redis(t))
}

func with(t *testing.T, f *storetest.Fixture, redisURL string) *fixture {
	t.Helper()
	opts, err := redis.ParseURL(redisURL)
	require.NoError(t, err)
	client := redis.NewClient(opts)
	t.Cleanup(func() { _ = client.Close() })
	return &fixture{Fixture: f, redis: client, bell: queue.NewBell(client), t: t}
}

type input struct {
	Text string `json:"text"`
}

// echo is the kind that most tests bind to what they need.
var echo = queue.Kind[input]{
	Name: "test.echo", Queue: queue.Default, MaxAttempts: 2,
	Backoff: queue.Backoff{First: 10 * time.Millisecond, Max: 20 * time.Millisecond},
}

func options() queue.WorkerOptions {
	return queue.WorkerOptions{
		Concurrency: 4, Heartbeat: 100 * time.Millisecond, Poll: tick, Shutdown: 5 * time.Second, Version: "test",
	}
}

// running is a process that a test has started and may stop before its end.
type running struct {
	stop func() error
	id   retailq.ID
}

// start runs a loop until the test, or the returned running, ends it.
func start(t *testing.T, run func(context.Context) error) running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stopped := false
	stop := func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() { require.NoError(t, stop()) })
	return running{stop: stop}
}

func (f *fixture) worker(opts queue.WorkerOptions, bindings ...queue.Binding) running {
	f.t.Helper()
	w, err := queue.NewWorker(f.DB, f.redis, bindings, nil, opts)
	require.NoError(f.t, err)
	r := start(f.t, w.Run)
	r.id = w.ID()
	return r
}

func (f *fixture) dispatcher(change ...func(*queue.DispatcherOptions)) running {
	f.t.Helper()
	opts := queue.DispatcherOptions{Interval: 50 * time.Millisecond, RingAgain: time.Minute, RescueAfter: time.Minute}
	for _, c := range change {
		c(&opts)
	}
	return start(f.t, queue.NewDispatcher(f.DB, f.redis, nil, opts).Run)
}

// create writes a job without ringing for it.
func (f *fixture) create(text string, change ...func(*store.NewJob)) retailq.ID {
	f.t.Helper()
	n := func(n *store.NewJob) { *n = echo.New(context.Background(), f.Tenant.ID, input{text}, "tester") }
	return f.Create(append([]func(*store.NewJob){n}, change...)...).ID
}

// enqueue creates a job and rings for it.
func (f *fixture) enqueue(text string) retailq.ID {
	f.t.Helper()
	id := f.create(text)
	f.bell.Ring(f.t.Context(), f.Delivery(id))
	return id
}

// deliver puts any payload into Redis, as if somebody had rung.
func (f *fixture) deliver(payload any) {
	f.t.Helper()
	encoded, err := json.Marshal(payload)
	require.NoError(f.t, err)
	_, err = asynq.NewClientFromRedisClient(f.redis).EnqueueContext(f.t.Context(),
		asynq.NewTask("retailq:job", encoded), asynq.Queue(queue.Default))
	require.NoError(f.t, err)
}

// await waits until a job is in a state.
func (f *fixture) await(id retailq.ID, state retailq.State) *retailq.Job {
	f.t.Helper()
	var job *retailq.Job
	require.Eventually(f.t, func() bool {
		found, err := f.Ledger.Job(f.t.Context(), id)
		if err == nil {
			job = found
		}
		return err == nil && job.State == state
	}, patience, tick, "job %s is to be %s", id, state)
	return job
}

// awaitSilence waits until Redis holds no delivery any more.
func (f *fixture) awaitSilence() {
	f.t.Helper()
	require.Eventually(f.t, func() bool {
		keys, err := f.redis.Keys(f.t.Context(), "asynq:{*}:t:*").Result()
		return err == nil && len(keys) == 0
	}, patience, tick, "tasks are left in Redis")
}

func (f *fixture) history(id retailq.ID) []string {
	f.t.Helper()
	events, err := f.Ledger.Events(f.t.Context(), id, 0, 100)
	require.NoError(f.t, err)
	var types []string
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

// receive waits for a value.
func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}
