package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"retailq"
)

// Children are the jobs that a parent hands the rest of its work to.
type Children struct {
	Kind        string
	Queue       string
	MaxAttempts int
	// Window is how many of them may be under way at once, at least 1.
	Window int
	// Args holds the arguments of each child, in order; it must not be empty.
	Args []any
	// Progress is the parent's from here on; each child that succeeds adds to Done.
	Progress retailq.Progress
	// Counters are added to the parent's own.
	Counters retailq.Counters
}

// Spawn runs work and, in the same transaction, creates the children that it returns and lets go of the parent, which
// waits for them without a worker. It returns the deliveries of the first window. The error is ErrFenced if the parent
// is no longer held. What an earlier attempt failed of is forgotten: from here on a failure of the parent is a child's.
func (l *Ledger) Spawn(
	ctx context.Context, f retailq.Fence, work func(tx *Tx) (Children, error),
) ([]retailq.Delivery, error) {
	var deliveries []retailq.Delivery
	err := l.db.InTx(ctx, func(tx *Tx) error {
		c, err := work(tx)
		if err != nil {
			return err
		}
		if c.Window < 1 && len(c.Args) > 0 {
			return fmt.Errorf("job %s would wait for ever: %d children, none at a time", f.JobID, len(c.Args))
		}
		tag, err := tx.tx.Exec(ctx, `
			UPDATE jobs
			SET stage = 'children', worker_id = NULL, child_window = $3, epoch = epoch + 1, version = version + 1,
			    phase = $4, done = $5, total = $6, counters = add_counters(counters, $7), failure = NULL, updated_at = now()
			WHERE id = $1 AND epoch = $2 AND state = 'running'`,
			f.JobID, f.Epoch, c.Window, c.Progress.Phase, c.Progress.Done, c.Progress.Total, c.Counters.Clone())
		if err != nil {
			return wrapf(err, "let go of job %s", f.JobID)
		}
		if tag.RowsAffected() == 0 {
			return fenced(f)
		}
		if err := tx.insertChildren(ctx, f.JobID, c); err != nil {
			return err
		}
		deliveries, err = tx.settle(ctx, f.JobID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return deliveries, nil
}

// insertChildren writes the children unreleased: scheduled for no moment in particular.
func (tx *Tx) insertChildren(ctx context.Context, parent retailq.ID, c Children) error {
	ids := make([]string, len(c.Args))
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		encoded, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("encode arguments of %s: %w", c.Kind, err)
		}
		ids[i], args[i] = retailq.NewID().String(), string(encoded)
	}
	_, err := tx.tx.Exec(ctx, `
		INSERT INTO jobs (id, parent_id, tenant_id, seq, kind, queue, state, args, max_attempts, created_by, trace, run_at)
		SELECT child.id, parent.id, parent.tenant_id, child.place - 1, $2, $3, 'scheduled', child.args, $4,
		       parent.created_by, parent.trace, 'infinity'
		FROM jobs AS parent, unnest($5::uuid[], $6::jsonb[]) WITH ORDINALITY AS child (id, args, place)
		WHERE parent.id = $1`, parent, c.Kind, c.Queue, c.MaxAttempts, ids, args)
	return wrapf(err, "create children of job %s", parent)
}

// lockParent makes this transaction the only one that moves the parent or counts its children. No-op for a zero ID.
func (tx *Tx) lockParent(ctx context.Context, parent retailq.ID) error {
	if parent.IsZero() {
		return nil
	}
	_, err := tx.tx.Exec(ctx, `SELECT FROM jobs WHERE id = $1 FOR NO KEY UPDATE`, parent)
	return wrapf(err, "lock parent job %s", parent)
}

// settle brings the children of a locked parent in line with what is wanted of it, and the parent in line with them:
// it releases children while there is room, parks or cancels those not under way if the parent is to stop, and moves
// the parent on once none is left. It is the one place that decides about children, and may be called at any time.
func (tx *Tx) settle(ctx context.Context, parent retailq.ID) ([]retailq.Delivery, error) {
	var waiting, failing bool
	var wish retailq.Wish
	err := tx.tx.QueryRow(ctx, `
		SELECT state = 'running' AND stage = 'children', coalesce(wish, ''), failure IS NOT NULL
		FROM jobs WHERE id = $1`, parent).Scan(&waiting, &wish, &failing)
	if err != nil || !waiting {
		return nil, wrapf(err, "read parent job %s", parent)
	}
	var released []retailq.Delivery
	switch {
	case failing || wish == retailq.WishCancel:
		err = tx.cancelChildren(ctx, parent)
	case wish == retailq.WishPause:
		err = tx.parkChildren(ctx, parent)
	default:
		released, err = tx.releaseChildren(ctx, parent)
	}
	if err != nil {
		return nil, err
	}
	finish, err := tx.advanceParent(ctx, parent)
	return append(released, finish...), err
}

func (tx *Tx) releaseChildren(ctx context.Context, parent retailq.ID) ([]retailq.Delivery, error) {
	rows, err := tx.tx.Query(ctx, `
		UPDATE jobs SET state = 'queued', run_at = now(), rung_at = now(), version = version + 1, updated_at = now()
		WHERE id IN (
		  SELECT id FROM jobs WHERE parent_id = $1 AND state = 'scheduled' AND run_at = 'infinity' ORDER BY seq
		  LIMIT (SELECT greatest(0, child_window - (
		           SELECT count(*) FROM jobs WHERE parent_id = $1 AND state IN ('queued', 'running', 'retrying')))
		         FROM jobs WHERE id = $1))
		RETURNING id, epoch, queue`, parent)
	deliveries, err := collectDeliveries(rows, err)
	return deliveries, wrapf(err, "release children of job %s", parent)
}

func (tx *Tx) parkChildren(ctx context.Context, parent retailq.ID) error {
	_, err := tx.tx.Exec(ctx, `
		UPDATE jobs SET state = 'scheduled', run_at = 'infinity', epoch = epoch + 1, version = version + 1, updated_at = now()
		WHERE parent_id = $1 AND state IN ('queued', 'retrying')`, parent)
	return wrapf(err, "park children of job %s", parent)
}

func (tx *Tx) cancelChildren(ctx context.Context, parent retailq.ID) error {
	_, err := tx.tx.Exec(ctx, `
		UPDATE jobs
		SET state = 'cancelled', epoch = epoch + 1, version = version + 1, finished_at = now(), updated_at = now()
		WHERE parent_id = $1 AND state IN ('scheduled', 'queued', 'retrying')`, parent)
	return wrapf(err, "cancel children of job %s", parent)
}

// advanceParent pauses a parent none of whose children is under way any more, or sends it to be finished once all
// have ended.
func (tx *Tx) advanceParent(ctx context.Context, parent retailq.ID) ([]retailq.Delivery, error) {
	rows, err := tx.tx.Query(ctx, `
		WITH children AS (
		  SELECT EXISTS (SELECT FROM jobs WHERE parent_id = $1
		                 AND state NOT IN ('succeeded', 'failed', 'cancelled')) AS open,
		         EXISTS (SELECT FROM jobs WHERE parent_id = $1 AND state = 'running') AS running
		), job AS (
		  UPDATE jobs
		  SET state = CASE WHEN open THEN 'paused' ELSE 'queued' END,
		      stage = CASE WHEN open THEN stage ELSE 'finish' END,
		      outcome = CASE WHEN open THEN NULL WHEN wish = 'cancel' THEN 'cancelled'
		                     WHEN failure IS NOT NULL THEN 'failed' END,
		      wish = NULL, epoch = epoch + 1, version = version + 1, run_at = now(), rung_at = now(), updated_at = now()
		  FROM children
		  WHERE id = $1 AND (NOT open OR NOT running AND wish = 'pause' AND failure IS NULL)
		  RETURNING id, epoch, queue, state
		), noted AS (
		  INSERT INTO job_events (job_id, type, actor) SELECT id, 'paused', 'system' FROM job WHERE state = 'paused'
		)
		SELECT id, epoch, queue FROM job WHERE state = 'queued'`, parent)
	deliveries, err := collectDeliveries(rows, err)
	return deliveries, wrapf(err, "advance parent job %s", parent)
}

func collectDeliveries(rows pgx.Rows, err error) ([]retailq.Delivery, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d retailq.Delivery, err error) {
		return d, row.Scan(&d.JobID, &d.Epoch, &d.Queue)
	})
}
