package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"retailq"
)

// Worker is one worker process.
type Worker struct {
	ID          retailq.ID `json:"id"`
	Host        string     `json:"host"`
	PID         int        `json:"pid"`
	Version     string     `json:"version"`
	Concurrency int        `json:"concurrency"`
	StartedAt   time.Time  `json:"started_at"`
	HeartbeatAt time.Time  `json:"heartbeat_at"`
	Draining    bool       `json:"draining"`
}

// Held is a job as its worker learns of it with every heartbeat: still held at this epoch, and what is wanted of it.
type Held struct {
	retailq.Fence
	Wish retailq.Wish
}

// Beat says that a worker process lives, and returns the jobs it holds. A job that is missing from the answer has
// been taken away.
func (l *Ledger) Beat(ctx context.Context, w Worker) ([]Held, error) {
	batch := &pgx.Batch{}
	batch.Queue(`
		INSERT INTO workers (id, host, pid, version, concurrency, draining) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET heartbeat_at = now(), draining = EXCLUDED.draining`,
		w.ID, w.Host, w.PID, w.Version, w.Concurrency, w.Draining)
	var held []Held
	batch.Queue(`
		SELECT j.id, j.parent_id, j.epoch, coalesce(j.wish, p.wish, '')
		FROM jobs j LEFT JOIN jobs p ON p.id = j.parent_id
		WHERE j.worker_id = $1 AND j.state = 'running'`, w.ID).
		Query(func(rows pgx.Rows) (err error) {
			held, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Held, err error) {
				return h, row.Scan(&h.JobID, &h.ParentID, &h.Epoch, &h.Wish)
			})
			return err
		})
	return held, wrapf(l.db.pool.SendBatch(ctx, batch).Close(), "heartbeat of worker %s", w.ID)
}

// Leave removes a worker that has ended. Jobs it may still hold are orphans at once.
func (l *Ledger) Leave(ctx context.Context, worker retailq.ID) error {
	_, err := l.db.pool.Exec(ctx, `DELETE FROM workers WHERE id = $1`, worker)
	return wrapf(err, "remove worker %s", worker)
}

// Workers lists the worker processes, live ones and those that went without leaving in the last day.
func (l *Ledger) Workers(ctx context.Context) ([]Worker, error) {
	rows, err := l.db.pool.Query(ctx, `
		SELECT id, host, pid, version, concurrency, started_at, heartbeat_at, draining FROM workers ORDER BY id`)
	if err != nil {
		return nil, wrapf(err, "list workers")
	}
	workers, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Worker])
	return workers, wrapf(err, "list workers")
}

// ForgetWorkers removes workers that gave no sign of life for longer than silent and hold no job.
func (l *Ledger) ForgetWorkers(ctx context.Context, silent time.Duration) error {
	_, err := l.db.pool.Exec(ctx, `
		DELETE FROM workers w WHERE heartbeat_at < now() - $1::interval
		AND NOT EXISTS (SELECT FROM jobs j WHERE j.worker_id = w.id AND j.state = 'running')`, silent)
	return wrapf(err, "forget workers")
}

// IsFenced reports whether err says that a job is no longer the caller's.
func IsFenced(err error) bool { return errors.Is(err, retailq.ErrFenced) }
