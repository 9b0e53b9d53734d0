package store

import (
	"context"
	"encoding/json"
	"fmt"

	"retailq"
)

// Order is what an operator asks of one job: who asks, and why.
type Order struct {
	JobID retailq.ID
	// TenantID, unless zero, restricts the order to that tenant's jobs; others answer ErrNotFound.
	TenantID retailq.ID
	Actor    string
	Reason   string
}

// Pause asks a job to stop at its next border of work and stay there until resumed. A job that no worker holds is
// paused at once. Pausing twice is no error; pausing a finished job is ErrConflict.
func (l *Ledger) Pause(ctx context.Context, o Order) ([]retailq.Delivery, error) {
	return l.command(ctx, o, "pause", func(tx *Tx, now standing) ([]retailq.Delivery, error) {
		switch {
		case now.state.Finished():
			return nil, now.refuse("paused")
		case now.wish == retailq.WishCancel || now.cancelled:
			return nil, now.refuse("paused: it is being cancelled")
		case now.state == retailq.Paused || now.wish == retailq.WishPause:
			return nil, nil
		case now.state == retailq.Running:
			return tx.wish(ctx, o.JobID, retailq.WishPause)
		}
		return nil, tx.set(ctx, o.JobID, `state = 'paused'`)
	})
}

// Resume takes back a pause, wished or reached. A job whose first attempt is due later waits for that moment still.
// Resuming a job that is not paused is no error.
func (l *Ledger) Resume(ctx context.Context, o Order) ([]retailq.Delivery, error) {
	return l.command(ctx, o, "resume", func(tx *Tx, now standing) ([]retailq.Delivery, error) {
		switch {
		case now.state.Finished():
			return nil, now.refuse("resumed")
		case now.wish == retailq.WishPause && now.stage == retailq.StageChildren:
			if err := tx.set(ctx, o.JobID, `wish = NULL`); err != nil {
				return nil, err
			}
			return tx.settle(ctx, o.JobID)
		case now.wish == retailq.WishPause:
			// A worker holds it: the epoch stays, or its work so far would be void.
			return nil, tx.setHeld(ctx, o.JobID, `wish = NULL`)
		case now.state == retailq.Paused && now.stage == retailq.StageChildren:
			if err := tx.set(ctx, o.JobID, `state = 'running', wish = NULL`); err != nil {
				return nil, err
			}
			return tx.settle(ctx, o.JobID)
		case now.state == retailq.Paused && now.early:
			return nil, tx.set(ctx, o.JobID, `state = 'scheduled'`)
		case now.state == retailq.Paused:
			return tx.queue(ctx, o.JobID, ``)
		}
		return nil, nil
	})
}

// Cancel ends a job at its next border of work; what is committed by then stays. A job that no worker holds, and none
// of whose children, is cancelled at once. Cancelling twice is no error; cancelling a finished job is ErrConflict.
func (l *Ledger) Cancel(ctx context.Context, o Order) ([]retailq.Delivery, error) {
	return l.command(ctx, o, "cancel", func(tx *Tx, now standing) ([]retailq.Delivery, error) {
		switch {
		case now.state == retailq.Cancelled:
			return nil, nil
		case now.state.Finished():
			return nil, now.refuse("cancelled")
		case now.wish == retailq.WishCancel || now.cancelled:
			return nil, nil
		case now.stage == retailq.StageChildren:
			if err := tx.set(ctx, o.JobID, `state = 'running', wish = 'cancel'`); err != nil {
				return nil, err
			}
			return tx.settle(ctx, o.JobID)
		case now.stage == retailq.StageFinish:
			return tx.finishCancelled(ctx, o.JobID, now)
		case now.state == retailq.Running:
			return tx.wish(ctx, o.JobID, retailq.WishCancel)
		}
		return nil, tx.set(ctx, o.JobID, `state = 'cancelled', finished_at = now()`)
	})
}

// finishCancelled cancels a job that is only to be finished: the finish still runs, as it is what accounts for the work
// that the children did.
func (tx *Tx) finishCancelled(ctx context.Context, id retailq.ID, now standing) ([]retailq.Delivery, error) {
	const outcome = `outcome = coalesce(outcome, 'cancelled')`
	if now.state == retailq.Running || now.state == retailq.Queued {
		return nil, tx.setHeld(ctx, id, outcome+`, wish = NULL`)
	}
	return tx.queue(ctx, id, `, `+outcome)
}

// Requeue runs a finished job again: only what is not done, with its failed attempts forgiven and its history kept.
// Requeueing a job that has not finished, or whose unique key another one has by now, is ErrConflict.
func (l *Ledger) Requeue(ctx context.Context, o Order) ([]retailq.Delivery, error) {
	return l.command(ctx, o, "requeue", func(tx *Tx, now standing) ([]retailq.Delivery, error) {
		if !now.state.Finished() {
			return nil, now.refuse("requeued: it has not finished")
		}
		reopened, err := tx.tx.Exec(ctx, `
			UPDATE jobs
			SET state = 'scheduled', run_at = 'infinity', epoch = epoch + 1, version = version + 1, failures = 0,
			    failure = NULL, finished_at = NULL, updated_at = now()
			WHERE parent_id = $1 AND state IN ('failed', 'cancelled')`, o.JobID)
		if err != nil {
			return nil, wrapf(err, "reopen children of job %s", o.JobID)
		}
		if reopened.RowsAffected() == 0 {
			return tx.queue(ctx, o.JobID, `, failures = 0, failure = NULL, outcome = NULL, finished_at = NULL`)
		}
		err = tx.set(ctx, o.JobID, `state = 'running', stage = 'children', failures = 0, failure = NULL, outcome = NULL,
			finished_at = NULL`)
		if err != nil {
			return nil, err
		}
		return tx.settle(ctx, o.JobID)
	})
}

// standing is where a locked job stands, as the ledger sees it.
type standing struct {
	id        retailq.ID
	state     retailq.State
	stage     retailq.Stage
	wish      retailq.Wish
	cancelled bool // its children have been stopped; only the finish is left
	early     bool // it was never attempted, and its moment has not come
}

func (s standing) refuse(what string) error {
	return retailq.Conflict("job_state", "job %s is %s and cannot be %s", s.id, s.state, what)
}

// command locks a job, applies a verb to it and notes who gave it and why. A child is steered through its parent.
func (l *Ledger) command(
	ctx context.Context, o Order, verb string, apply func(*Tx, standing) ([]retailq.Delivery, error),
) (deliveries []retailq.Delivery, err error) {
	err = l.db.InTx(ctx, func(tx *Tx) error {
		now := standing{id: o.JobID}
		var parent retailq.ID
		err := tx.tx.QueryRow(ctx, `
			SELECT parent_id, state, stage, coalesce(wish, ''), coalesce(outcome = 'cancelled', false),
			       started_at IS NULL AND run_at > now()
			FROM jobs WHERE id = $1 AND ($2::uuid IS NULL OR tenant_id = $2) FOR NO KEY UPDATE`, o.JobID, o.TenantID).
			Scan(&parent, &now.state, &now.stage, &now.wish, &now.cancelled, &now.early)
		if isNoRows(err) {
			return retailq.NotFound("job", o.JobID.String())
		}
		if err != nil {
			return wrapf(err, "%s job %s", verb, o.JobID)
		}
		if !parent.IsZero() {
			return retailq.Conflict("job_is_child", "job %s is a part of job %s", o.JobID, parent).
				WithHint("Steer job %s instead.", parent)
		}
		if deliveries, err = apply(tx, now); err != nil {
			return err
		}
		return tx.note(ctx, o, verb)
	})
	if violates(err, "jobs_unique_key") {
		return nil, retailq.Conflict("job_exists", "another job does the work of job %s already", o.JobID)
	}
	if err != nil {
		return nil, err
	}
	return deliveries, nil
}

// note writes who asked for what, and why, into the job's history.
func (tx *Tx) note(ctx context.Context, o Order, verb string) error {
	data, err := json.Marshal(map[string]string{"reason": o.Reason})
	if err != nil {
		return fmt.Errorf("encode reason: %w", err)
	}
	_, err = tx.tx.Exec(ctx, `
		INSERT INTO job_events (job_id, type, actor, data) VALUES ($1, $2, $3, nullif($4::jsonb, '{"reason": ""}'))`,
		o.JobID, verb, o.Actor, data)
	return wrapf(err, "note %s of job %s", verb, o.JobID)
}

// wish records what is wanted of a running job. Its worker, if it has one, keeps the right to commit what it is doing;
// children are told through settle.
func (tx *Tx) wish(ctx context.Context, id retailq.ID, w retailq.Wish) ([]retailq.Delivery, error) {
	_, err := tx.tx.Exec(ctx, `
		UPDATE jobs SET wish = $2, version = version + 1, updated_at = now() WHERE id = $1`, id, string(w))
	if err != nil {
		return nil, wrapf(err, "wish %s of job %s", w, id)
	}
	return tx.settle(ctx, id)
}

// set changes a job that no worker holds and voids every delivery under way.
func (tx *Tx) set(ctx context.Context, id retailq.ID, columns string) error {
	return tx.setHeld(ctx, id, columns+`, epoch = epoch + 1`)
}

// setHeld changes a job without touching its epoch.
func (tx *Tx) setHeld(ctx context.Context, id retailq.ID, columns string) error {
	_, err := tx.tx.Exec(ctx, `UPDATE jobs SET `+columns+`, version = version + 1, updated_at = now() WHERE id = $1`, id)
	return wrapf(err, "change job %s", id)
}

// queue makes a job claimable at once and returns its delivery.
func (tx *Tx) queue(ctx context.Context, id retailq.ID, columns string) ([]retailq.Delivery, error) {
	rows, err := tx.tx.Query(ctx, `
		UPDATE jobs SET state = 'queued', run_at = now(), rung_at = now(), epoch = epoch + 1, version = version + 1,
		                updated_at = now()`+columns+`
		WHERE id = $1 RETURNING id, epoch, queue`, id)
	deliveries, err := collectDeliveries(rows, err)
	return deliveries, wrapf(err, "queue job %s", id)
}
