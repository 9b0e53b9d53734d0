package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"retailq"
)

// Due queues jobs whose moment has come, at most limit of them, and returns their deliveries. Any number of processes
// may call it at once: each job goes to one of them.
func (l *Ledger) Due(ctx context.Context, limit int) ([]retailq.Delivery, error) {
	deliveries, err := collectDeliveries(l.db.pool.Query(ctx, `
		UPDATE jobs SET state = 'queued', rung_at = now(), version = version + 1, updated_at = now()
		WHERE id IN (
		  SELECT id FROM jobs WHERE state IN ('scheduled', 'retrying') AND run_at <= now()
		  ORDER BY run_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		RETURNING id, epoch, queue`, limit))
	return deliveries, wrapf(err, "queue due jobs")
}

// Unheard returns queued jobs for which nobody has rung since olderThan ago, at most limit of them, and notes that
// they are rung for now.
func (l *Ledger) Unheard(ctx context.Context, olderThan time.Duration, limit int) ([]retailq.Delivery, error) {
	deliveries, err := collectDeliveries(l.db.pool.Query(ctx, `
		UPDATE jobs SET rung_at = now()
		WHERE id IN (
		  SELECT id FROM jobs WHERE state = 'queued' AND (rung_at IS NULL OR rung_at <= now() - $1::interval)
		  ORDER BY rung_at NULLS FIRST LIMIT $2 FOR UPDATE SKIP LOCKED)
		RETURNING id, epoch, queue`, olderThan, limit))
	return deliveries, wrapf(err, "find unheard jobs")
}

// Unring forgets that any queued job was rung for: the deliveries are known to be lost. Jobs that somebody is changing
// are passed over, as waiting for one with others locked could dead-lock; they are found by [Ledger.Unheard] in time.
func (l *Ledger) Unring(ctx context.Context) (int64, error) {
	tag, err := l.db.pool.Exec(ctx, `
		UPDATE jobs SET rung_at = NULL
		WHERE id IN (SELECT id FROM jobs WHERE state = 'queued' AND rung_at IS NOT NULL FOR UPDATE SKIP LOCKED)`)
	return tag.RowsAffected(), wrapf(err, "forget rung jobs")
}

// Orphan is a running job whose worker gives no sign of life.
type Orphan struct {
	retailq.Fence
	Kind     string
	WorkerID retailq.ID
}

// Orphans lists running jobs whose worker's heartbeat is older than stale, at most limit of them.
func (l *Ledger) Orphans(ctx context.Context, stale time.Duration, limit int) ([]Orphan, error) {
	rows, err := l.db.pool.Query(ctx, `
		SELECT j.id, j.parent_id, j.epoch, j.kind, j.worker_id FROM jobs j
		WHERE j.state = 'running' AND j.worker_id IS NOT NULL AND NOT EXISTS (
		  SELECT FROM workers w WHERE w.id = j.worker_id AND w.heartbeat_at > now() - $1::interval)
		LIMIT $2`, stale, limit)
	if err != nil {
		return nil, wrapf(err, "find orphans")
	}
	orphans, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o Orphan, err error) {
		return o, row.Scan(&o.JobID, &o.ParentID, &o.Epoch, &o.Kind, &o.WorkerID)
	})
	return orphans, wrapf(err, "find orphans")
}

// Rescue takes an orphan from its worker: it is queued again, or stopped if that is what was wished meanwhile. No
// attempt is burned. Whatever the worker still commits for it is refused from here on.
func (l *Ledger) Rescue(ctx context.Context, o Orphan) ([]retailq.Delivery, error) {
	return l.End(ctx, o.Fence, func(*Tx) (Ending, error) { return HandedBack("rescued"), nil })
}
