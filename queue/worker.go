package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"retailq"
	"retailq/internal/obs"
	"retailq/store"
)

// WorkerOptions size a worker. Every duration must be positive.
type WorkerOptions struct {
	// Concurrency is how many jobs the process performs at once.
	Concurrency int
	// Heartbeat is how often the process shows that it lives and learns what is wished of its jobs.
	Heartbeat time.Duration
	// Poll is how often an idle process asks Redis for work: the larger part of the delay between enqueue and start.
	Poll time.Duration
	// Shutdown is how long running work may go on after a signal to end, before it is handed back.
	Shutdown time.Duration
	// Version of the program, for people.
	Version string
}

// Worker claims and performs jobs. All its state is what it is doing right now.
type Worker struct {
	ledger   *store.Ledger
	bell     *Bell
	redis    redis.UniversalClient
	bindings map[string]Binding
	opts     WorkerOptions
	metrics  *obs.JobMetrics
	self     store.Worker
	attempts attempts
	// slots bounds concurrency even where asynq lets go of a task before its handler has returned.
	slots chan struct{}
	beat  chan struct{} // asks for a heartbeat ahead of time
	// quit is closed when the process begins to end: what starts after that is stopped at once.
	quit chan struct{}
	// giveUp is closed when a process that is to end has no time left to reach the ledger.
	giveUp chan struct{}
}

// NewWorker returns a worker for the given kinds.
func NewWorker(
	db *store.DB, client redis.UniversalClient, bindings []Binding, metrics *obs.JobMetrics, opts WorkerOptions,
) (*Worker, error) {
	byName, err := bindingsByName(bindings)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &Worker{
		ledger: db.Ledger(), bell: NewBell(client), redis: client, bindings: byName, opts: opts, metrics: metrics,
		self: store.Worker{
			ID: retailq.NewID(), Host: host, PID: os.Getpid(), Version: opts.Version, Concurrency: opts.Concurrency,
		},
		attempts: attempts{by: map[retailq.ID]*attempt{}},
		slots:    make(chan struct{}, opts.Concurrency),
		beat:     make(chan struct{}, 1),
		quit:     make(chan struct{}),
		giveUp:   make(chan struct{}),
	}, nil
}

// ID identifies the worker in the ledger.
func (w *Worker) ID() retailq.ID { return w.self.ID }

// Run performs jobs until ctx ends, then stops fetching, lets running work come to a border or hands it back, and
// returns once nothing is left in its hands.
func (w *Worker) Run(ctx context.Context) error {
	if _, err := w.ledger.Beat(ctx, w.self); err != nil {
		return err
	}
	server := asynq.NewServerFromRedisClient(w.redis, asynq.Config{
		Concurrency:              w.opts.Concurrency,
		Queues:                   weights,
		TaskCheckInterval:        w.opts.Poll,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          w.opts.Shutdown,
		Logger:                   asynqLogger{},
		LogLevel:                 asynq.WarnLevel,
		// A delivery fails only if the ledger could not be reached. It is repeated, and never counted.
		IsFailure:      func(error) bool { return false },
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return time.Second },
	})
	if err := server.Start(asynq.HandlerFunc(w.handle)); err != nil {
		return retailq.Unavailable("redis", err)
	}
	slog.InfoContext(ctx, "worker started", "worker_id", w.self.ID, "concurrency", w.opts.Concurrency)

	living, die := context.WithCancel(context.WithoutCancel(ctx))
	var alive sync.WaitGroup
	alive.Go(func() { w.heartbeats(living) })
	alive.Go(func() { w.listen(living) })

	<-ctx.Done()
	slog.InfoContext(ctx, "worker stops", "worker_id", w.self.ID)
	server.Stop()
	close(w.quit)
	w.attempts.stopAll(w.opts.Shutdown)
	last := time.AfterFunc(w.opts.Shutdown+stopGrace, func() { close(w.giveUp) })
	defer last.Stop()
	server.Shutdown()
	w.drain()
	die()
	alive.Wait()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), ringTimeout)
	defer cancel()
	return w.ledger.Leave(ending, w.self.ID)
}

// drain waits until every slot is free, which also keeps new attempts from starting.
func (w *Worker) drain() {
	for range cap(w.slots) {
		w.slots <- struct{}{}
	}
}

// handle is one delivery. Its first statement is the claim; a delivery that is refused is done with.
func (w *Worker) handle(_ context.Context, task *asynq.Task) error {
	// asynq's context ends when Redis is gone for a while; that is no reason to stop working.
	ctx := context.Background()
	var d retailq.Delivery
	if err := json.Unmarshal(task.Payload(), &d); err != nil {
		slog.ErrorContext(ctx, "delivery cannot be read", "payload", string(task.Payload()), "err", err)
		return nil
	}
	w.slots <- struct{}{}
	defer func() { <-w.slots }()
	job, err := w.ledger.Claim(ctx, d, w.self.ID)
	switch {
	case errors.Is(err, retailq.ErrFenced):
		return nil
	case err != nil:
		slog.WarnContext(ctx, "claim failed", "job_id", d.JobID, "err", err)
		return err
	}
	w.attempt(ctx, job)
	return nil
}

// attempt performs a claimed job and brings its ending into the ledger.
func (w *Worker) attempt(ctx context.Context, job *retailq.Job) {
	started := time.Now()
	ctx, cancel := context.WithCancelCause(obs.With(obs.Continue(ctx, job.Trace),
		"job_id", job.ID, "kind", job.Kind, "tenant_id", job.TenantID))
	defer cancel(nil)
	a := &attempt{fence: job.Fence(), claimed: started, cancel: cancel, stopping: make(chan struct{})}
	w.attempts.add(a)
	defer w.attempts.remove(a)
	select {
	case <-w.quit: // the claim was faster than the end of the process
		a.stop(w.opts.Shutdown)
	default:
	}
	w.metrics.Started(job.Kind, started.Sub(job.RunAt))
	if job.ParentID.IsZero() {
		w.bell.Announce(ctx, job.ID)
	}
	run := &Run{Job: job, ledger: w.ledger, bell: w.bell, stopping: a.stopping}
	err := w.perform(ctx, run)
	event := run.ended
	if event == "" {
		event = w.end(context.WithoutCancel(ctx), a, run, err)
	}
	w.metrics.Ended(job.Kind, event, time.Since(started))
	level := slog.LevelInfo
	if event == "failed" || event == "retrying" {
		level = slog.LevelWarn
	}
	slog.Log(ctx, level, "attempt ended", "outcome", event, "stage", job.Stage, "epoch", job.Epoch, "seq", job.Seq,
		"failures", job.Failures, "seconds", time.Since(started).Seconds(), "err", err)
}

// errUnknownKind: the job is of a kind that another version of the program knows. No attempt is burned: in the middle
// of a deployment a worker that knows it will come.
var errUnknownKind = errors.New("this worker does not know kind")

const unknownKindDelay = 5 * time.Second

// perform calls the kind's function. A panic is an error of the attempt, not of the process.
func (w *Worker) perform(ctx context.Context, run *Run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	b, known := w.bindings[run.Job.Kind]
	if !known {
		return fmt.Errorf("%w %q", errUnknownKind, run.Job.Kind)
	}
	if run.Job.Stage == retailq.StageFinish && b.finish != nil {
		return b.finish(ctx, run)
	}
	return b.perform(ctx, run)
}

// end writes the ending of an attempt that did not end its job itself, however long the ledger is out of reach: until
// then the job stays ours. It returns the name of what happened.
func (w *Worker) end(ctx context.Context, a *attempt, run *Run, err error) string {
	var ending store.Ending
	switch {
	case err == nil:
		ending = store.Ending{State: retailq.Succeeded, Event: "succeeded"}
	case errors.Is(err, retailq.ErrFenced):
		return "fenced"
	case errors.Is(err, errUnknownKind):
		ending = store.Ending{State: retailq.Retrying, Event: "kind unknown", Delay: unknownKindDelay}
	case a.interrupted():
		ending = store.HandedBack("handed back")
	default:
		ending = failed(run.Job, w.bindings[run.Job.Kind].backoff, err)
	}
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		deliveries, err := w.ledger.End(ctx, a.fence, func(*store.Tx) (store.Ending, error) { return ending, nil })
		switch {
		case err == nil:
			w.bell.ringAll(ctx, run.Job, deliveries)
			return ending.Event
		case errors.Is(err, retailq.ErrFenced):
			return "fenced"
		case !errors.Is(err, retailq.ErrUnavailable):
			slog.ErrorContext(ctx, "ending cannot be written; the job will be handed back", "err", err)
			return "lost"
		}
		slog.WarnContext(ctx, "ledger out of reach; trying again", "err", err)
		select {
		case <-time.After(wait):
		case <-w.giveUp:
			return "lost"
		}
	}
}
