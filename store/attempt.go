package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"retailq"
)

// Checkpoint is what a running job commits together with data: where it would go on, how far it is, and what the data
// added to its counters.
type Checkpoint struct {
	Cursor   any
	Progress retailq.Progress
	Counters retailq.Counters
}

// Commit runs work in a transaction that commits only if the job is still held at the fence's epoch; otherwise
// everything work did vanishes and the error is ErrFenced.
func (l *Ledger) Commit(ctx context.Context, f retailq.Fence, work func(tx *Tx) (Checkpoint, error)) error {
	return l.db.InTx(ctx, func(tx *Tx) error {
		cp, err := work(tx)
		if err != nil {
			return err
		}
		cursor, err := json.Marshal(cp.Cursor)
		if err != nil {
			return fmt.Errorf("encode cursor of job %s: %w", f.JobID, err)
		}
		tag, err := tx.tx.Exec(ctx, `
			UPDATE jobs
			SET cursor = $3, phase = $4, done = $5, total = $6, counters = add_counters(counters, $7),
			    version = version + 1, updated_at = now()
			WHERE id = $1 AND epoch = $2 AND state = 'running'`,
			f.JobID, f.Epoch, cursor, cp.Progress.Phase, cp.Progress.Done, cp.Progress.Total, cp.Counters.Clone())
		if err == nil && tag.RowsAffected() == 0 {
			return fenced(f)
		}
		return wrapf(err, "checkpoint job %s", f.JobID)
	})
}

// Ending says how an attempt ended. The zero value of each field leaves the row's column as it is.
type Ending struct {
	// State is one of Succeeded, Failed, Retrying (again after Delay) and Queued (handed back: again at once, elsewhere).
	// A job that would go on is paused or cancelled instead if that is what is wished of it, whether the attempt has
	// heard of it or not.
	State retailq.State
	// Event names the ending in the history: "succeeded", "failed", "handed back".
	Event string
	// Burn counts the attempt as failed.
	Burn    bool
	Delay   time.Duration
	Failure *retailq.Failure
	Result  any
	// Counters are added to the job's own and, if it succeeded, to its parent's.
	Counters retailq.Counters
	// Done is added to the parent's progress if the job succeeded.
	Done int64
}

// HandedBack is how an attempt ends that was stopped from outside. It counts as none.
func HandedBack(event string) Ending { return Ending{State: retailq.Queued, Event: event} }

// End runs work and ends the attempt in the same transaction, under the same condition as Commit. It returns the
// deliveries to ring for: the job's own if it goes on at once, siblings that it made room for, the parent if this
// was its last child.
func (l *Ledger) End(
	ctx context.Context, f retailq.Fence, work func(tx *Tx) (Ending, error),
) ([]retailq.Delivery, error) {
	var deliveries []retailq.Delivery
	err := l.db.InTx(ctx, func(tx *Tx) error {
		ending, err := work(tx)
		if err != nil {
			return err
		}
		if err := tx.lockParent(ctx, f.ParentID); err != nil {
			return err
		}
		if deliveries, err = tx.end(ctx, f, ending); err != nil || f.ParentID.IsZero() {
			return err
		}
		if err := tx.tellParent(ctx, f.ParentID, ending); err != nil {
			return err
		}
		more, err := tx.settle(ctx, f.ParentID)
		deliveries = append(deliveries, more...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return deliveries, nil
}

// end moves the job itself. A job that finishes well after its children did not takes the outcome they left. A wish is
// read here and nowhere before, as it may come or be taken back at any time.
func (tx *Tx) end(ctx context.Context, f retailq.Fence, e Ending) ([]retailq.Delivery, error) {
	result, err := json.Marshal(e.Result)
	if err != nil {
		return nil, fmt.Errorf("encode result of job %s: %w", f.JobID, err)
	}
	failure, err := json.Marshal(e.Failure)
	if err != nil {
		return nil, fmt.Errorf("encode failure of job %s: %w", f.JobID, err)
	}
	var queue string
	var epoch int64
	var state retailq.State
	err = tx.tx.QueryRow(ctx, `
		WITH job AS (
		  UPDATE jobs
		  SET state = CASE WHEN $3 = 'succeeded' THEN coalesce(outcome, $3)
		                   WHEN $3 = 'failed' THEN $3
		                   WHEN wish = 'cancel' THEN 'cancelled'
		                   WHEN wish = 'pause' THEN 'paused'
		                   ELSE $3 END,
		      wish = NULL, worker_id = NULL, epoch = epoch + 1, version = version + 1, updated_at = now(),
		      run_at = now() + $4::interval, rung_at = now(),
		      finished_at = CASE WHEN $3 IN ('succeeded', 'failed') OR wish = 'cancel' THEN now() END,
		      failures = failures + $5::int,
		      result = coalesce(nullif($6::jsonb, 'null'), result),
		      failure = CASE WHEN outcome IS NOT NULL AND $3 <> 'failed' THEN failure
		                     WHEN outcome IS NOT NULL THEN coalesce(failure, nullif($7::jsonb, 'null'))
		                     WHEN $3 = 'succeeded' THEN NULL
		                     ELSE coalesce(nullif($7::jsonb, 'null'), failure) END,
		      counters = add_counters(counters, $8), done = done + CASE WHEN $3 = 'succeeded' THEN $9::bigint ELSE 0 END
		  WHERE id = $1 AND epoch = $2 AND state = 'running'
		  RETURNING *
		), noted AS (
		  INSERT INTO job_events (job_id, type, actor, data)
		  SELECT id, CASE WHEN state IN ('cancelled', 'failed', 'paused') THEN state ELSE $10 END, 'worker',
		         jsonb_strip_nulls(jsonb_build_object('failure', nullif($7::jsonb, 'null'),
		           'retry_at', CASE WHEN state = 'retrying' THEN run_at END))
		  FROM job WHERE parent_id IS NULL OR state <> 'succeeded'
		)
		SELECT queue, epoch, state FROM job`,
		f.JobID, f.Epoch, string(e.State), e.Delay, btoi(e.Burn), result, failure, e.Counters.Clone(), e.Done, e.Event).
		Scan(&queue, &epoch, &state)
	if isNoRows(err) {
		return nil, fenced(f)
	}
	if err != nil {
		return nil, wrapf(err, "end attempt of job %s", f.JobID)
	}
	if state == retailq.Queued {
		return []retailq.Delivery{{JobID: f.JobID, Epoch: epoch, Queue: queue}}, nil
	}
	return nil, nil
}

// tellParent adds to the parent what a child that succeeded has done, or notes why one failed: one failed child fails
// the parent, for the first reason given.
func (tx *Tx) tellParent(ctx context.Context, parent retailq.ID, e Ending) (err error) {
	switch e.State {
	case retailq.Succeeded:
		_, err = tx.tx.Exec(ctx, `
			UPDATE jobs
			SET counters = add_counters(counters, $2), done = done + $3, version = version + 1, updated_at = now()
			WHERE id = $1`, parent, e.Counters.Clone(), e.Done)
	case retailq.Failed:
		reason := e.Failure
		if reason == nil {
			reason = &retailq.Failure{Code: "child_failed", Message: "a part of the job failed"}
		}
		_, err = tx.tx.Exec(ctx, `
			UPDATE jobs SET failure = coalesce(failure, $2), version = version + 1, updated_at = now() WHERE id = $1`,
			parent, reason)
	}
	return wrapf(err, "credit parent job %s", parent)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
