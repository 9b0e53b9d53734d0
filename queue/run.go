package queue

import (
	"context"
	"time"

	"retailq"
	"retailq/store"
)

// progressEvery is how often at most [Run.Progress] writes: often enough to look live, and rare enough to cost nothing.
const progressEvery = 200 * time.Millisecond

// Run is one attempt, as seen by the function that performs it.
type Run struct {
	Job *retailq.Job

	ledger     *store.Ledger
	bell       *Bell
	stopping   <-chan struct{}
	ended      string // how, if the function ended the job itself
	progressAt time.Time
}

// Stopping is closed when the attempt should come to its next border of work and return: the job is to be paused or
// cancelled, or the process ends. Whatever error is returned then, no attempt is burned. A function that does not
// look is cancelled through its context a little later.
func (r *Run) Stopping() <-chan struct{} { return r.stopping }

// Progress shows how far the attempt has come, outside any checkpoint. Call it as often as is convenient: most calls
// write nothing. It returns ErrFenced once the job has been taken away.
func (r *Run) Progress(ctx context.Context, p retailq.Progress) error {
	if time.Since(r.progressAt) < progressEvery {
		return nil
	}
	r.progressAt = time.Now()
	if err := r.ledger.ReportProgress(ctx, r.Job.Fence(), p); err != nil {
		return err
	}
	r.bell.Announce(ctx, r.Job.ID)
	return nil
}

// Commit runs work in a transaction together with the checkpoint it returns; both commit only while the job is held.
func (r *Run) Commit(ctx context.Context, work func(tx *store.Tx) (store.Checkpoint, error)) error {
	if err := r.ledger.Commit(ctx, r.Job.Fence(), work); err != nil {
		return err
	}
	r.bell.Announce(ctx, r.Job.ID)
	return nil
}

// Done is what a job that succeeds leaves behind.
type Done struct {
	Result any
	// Counters are added to the job's own and to its parent's.
	Counters retailq.Counters
	// Units are added to the parent's progress.
	Units int64
}

// Complete runs work and ends the job as succeeded in the same transaction: either both happen or neither.
func (r *Run) Complete(ctx context.Context, work func(tx *store.Tx) (Done, error)) error {
	deliveries, err := r.ledger.End(ctx, r.Job.Fence(), func(tx *store.Tx) (store.Ending, error) {
		done, err := work(tx)
		return store.Ending{
			State: retailq.Succeeded, Event: "succeeded", Result: done.Result, Counters: done.Counters, Done: done.Units,
		}, err
	})
	if err != nil {
		return err
	}
	r.ended = "succeeded"
	r.bell.ringAll(ctx, r.Job, deliveries)
	return nil
}

// Spawn runs work and hands the rest of the job to the children it returns, in the same transaction. The attempt is
// over then; the kind's finish function runs once the last child has ended.
func (r *Run) Spawn(ctx context.Context, work func(tx *store.Tx) (store.Children, error)) error {
	deliveries, err := r.ledger.Spawn(ctx, r.Job.Fence(), work)
	if err != nil {
		return err
	}
	r.ended = "spawned"
	r.bell.ringAll(ctx, r.Job, deliveries)
	return nil
}
