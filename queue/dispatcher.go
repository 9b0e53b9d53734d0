package queue

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"retailq"
	"retailq/internal/obs"
	"retailq/store"
)

// batch bounds what one look into the ledger takes on.
const batch = 500

// forgetWorkersAfter is how long a worker that went without leaving stays visible.
const forgetWorkersAfter = 24 * time.Hour

// DispatcherOptions say how soon the dispatcher acts. Every duration must be positive.
type DispatcherOptions struct {
	// Interval is how often it looks: the delay of due retries and, after Redis has lost its memory, of everything.
	Interval time.Duration
	// RingAgain is how long a queued job may wait before the dispatcher makes sure that its delivery still exists.
	RingAgain time.Duration
	// RescueAfter is how old a worker's heartbeat may grow before its jobs are given to others. It must exceed several
	// heartbeats, or a busy machine is taken for a dead one.
	RescueAfter time.Duration
}

// Dispatcher does what happens because time passed: it queues jobs that are due, rings again for those without a live
// delivery, and rescues those whose worker is dead. Any number may run; each job is dealt with by one.
type Dispatcher struct {
	ledger  *store.Ledger
	bell    *Bell
	metrics *obs.JobMetrics
	opts    DispatcherOptions
}

// NewDispatcher returns a dispatcher; Run starts it.
func NewDispatcher(
	db *store.DB, client redis.UniversalClient, metrics *obs.JobMetrics, opts DispatcherOptions,
) *Dispatcher {
	return &Dispatcher{ledger: db.Ledger(), bell: NewBell(client), metrics: metrics, opts: opts}
}

// Run looks at every interval until ctx ends. What fails is logged and done at the next look.
func (d *Dispatcher) Run(ctx context.Context) error {
	slog.InfoContext(ctx, "dispatcher started", "interval", d.opts.Interval)
	ticker := time.NewTicker(d.opts.Interval)
	defer ticker.Stop()
	for {
		for _, step := range []struct {
			name string
			do   func(context.Context) error
		}{
			{"remember", d.remember}, {"queue due jobs", d.due}, {"rescue", d.rescue}, {"ring again", d.ringAgain},
			{"forget workers", d.forgetWorkers},
		} {
			if err := step.do(ctx); err != nil && ctx.Err() == nil {
				slog.WarnContext(ctx, "dispatcher step failed", "step", step.name, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// remember notices that Redis has lost its memory, and has everything rung for again.
func (d *Dispatcher) remember(ctx context.Context) error {
	remembers, err := d.bell.Remembers(ctx)
	if err != nil || remembers {
		return err
	}
	n, err := d.ledger.Unring(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		slog.WarnContext(ctx, "redis has lost its memory; ringing again", "jobs", n)
	}
	return d.bell.Mark(ctx)
}

func (d *Dispatcher) due(ctx context.Context) error {
	deliveries, err := d.ledger.Due(ctx, batch)
	d.bell.Ring(ctx, deliveries...)
	ids := make([]retailq.ID, len(deliveries))
	for i, delivery := range deliveries {
		ids[i] = delivery.JobID
	}
	d.bell.Announce(ctx, ids...)
	return err
}

func (d *Dispatcher) ringAgain(ctx context.Context) error {
	deliveries, err := d.ledger.Unheard(ctx, d.opts.RingAgain, batch)
	if err != nil {
		return err
	}
	d.metrics.RungAgain(len(deliveries))
	return d.bell.RingAgain(ctx, deliveries...)
}

func (d *Dispatcher) rescue(ctx context.Context) error {
	orphans, failed := d.ledger.Orphans(ctx, d.opts.RescueAfter, batch)
	for _, o := range orphans {
		deliveries, err := d.ledger.Rescue(ctx, o)
		if store.IsFenced(err) {
			continue // another dispatcher was faster, or the worker was not dead
		}
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		slog.WarnContext(ctx, "job rescued", "job_id", o.JobID, "kind", o.Kind, "worker_id", o.WorkerID)
		d.metrics.Rescued(o.Kind)
		d.bell.Ring(ctx, deliveries...)
		d.bell.Announce(ctx, o.JobID, o.ParentID)
	}
	return failed
}

func (d *Dispatcher) forgetWorkers(ctx context.Context) error {
	return d.ledger.ForgetWorkers(ctx, forgetWorkersAfter)
}
