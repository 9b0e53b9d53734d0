package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"retailq"
)

// Ledger is the truth about work: tables jobs and job_events. Every transition of a job is one method here, and each
// is conditional on the state it starts from, so that of any number of racing callers one wins and the others learn
// that they came too late.
//
// Locks are taken in one order, a parent before its children.
type Ledger struct {
	db *DB
}

// Ledger returns the ledger of db. It sees the jobs of every tenant.
func (db *DB) Ledger() *Ledger { return &Ledger{db: db} }

// NewJob describes a job to be created.
type NewJob struct {
	// ID may be zero: a fresh one is taken.
	ID       retailq.ID
	TenantID retailq.ID
	Kind     string
	Queue    string
	Args     any
	// MaxAttempts is how many attempts may fail before the job has; at least 1.
	MaxAttempts int
	// Delay is how long the job waits before its first attempt.
	Delay time.Duration
	// UniqueKey, if set, lets only one unfinished job of the kind and tenant exist with it.
	UniqueKey string
	// Trace is the W3C traceparent of the request; see [retailq.Job].
	Trace     string
	CreatedBy string
}

// CreateJob writes a job, ready to be delivered once the transaction has committed. If an unfinished job of the same
// kind has the same UniqueKey, that one is returned instead, with created false.
func (tx *Tx) CreateJob(ctx context.Context, n NewJob) (job *retailq.Job, created bool, err error) {
	args, err := json.Marshal(n.Args)
	if err != nil {
		return nil, false, fmt.Errorf("encode arguments of %s: %w", n.Kind, err)
	}
	if n.ID.IsZero() {
		n.ID = retailq.NewID()
	}
	// The job in the way may finish before it is looked up; then there is room again.
	for job == nil && err == nil {
		if job, err = tx.insertJob(ctx, n, args); job != nil || err != nil {
			return job, true, err
		}
		job, err = tx.findUnfinished(ctx, n)
	}
	return job, false, err
}

// insertJob returns nil if an unfinished job has the key.
func (tx *Tx) insertJob(ctx context.Context, n NewJob, args []byte) (*retailq.Job, error) {
	job, err := scanJob(tx.tx.QueryRow(ctx, `
		WITH job AS (
		  INSERT INTO jobs (id, tenant_id, kind, queue, state, args, max_attempts, unique_key, created_by, trace,
		                    run_at, rung_at)
		  VALUES ($1, $2, $3, $4, CASE WHEN $8::interval > '0' THEN 'scheduled' ELSE 'queued' END, $5, $6,
		          nullif($7, ''), $9, $10, now() + $8::interval, now())
		  ON CONFLICT (kind, tenant_id, unique_key)
		  WHERE unique_key IS NOT NULL AND state NOT IN ('succeeded', 'failed', 'cancelled')
		  DO NOTHING
		  RETURNING *
		), noted AS (
		  INSERT INTO job_events (job_id, type, actor) SELECT id, 'created', created_by FROM job
		)
		SELECT `+jobColumns+` FROM job`,
		n.ID, n.TenantID, n.Kind, n.Queue, args, n.MaxAttempts, n.UniqueKey, n.Delay, n.CreatedBy,
		n.Trace))
	if isNoRows(err) {
		return nil, nil //nolint:nilnil // as said above
	}
	return job, wrapf(err, "create job %s", n.Kind)
}

// findUnfinished returns nil if there is none any more.
func (tx *Tx) findUnfinished(ctx context.Context, n NewJob) (*retailq.Job, error) {
	job, err := scanJob(tx.tx.QueryRow(ctx, `
		SELECT `+jobColumns+` FROM jobs
		WHERE kind = $1 AND tenant_id IS NOT DISTINCT FROM $2 AND unique_key = $3
		  AND state NOT IN ('succeeded', 'failed', 'cancelled')`, n.Kind, n.TenantID, n.UniqueKey))
	if isNoRows(err) {
		return nil, nil //nolint:nilnil // as said above
	}
	return job, wrapf(err, "find unfinished job %s/%s", n.Kind, n.UniqueKey)
}

// Claim takes a delivered job for a worker: it raises the epoch and starts an attempt. A delivery that is late or
// delivered twice is refused with ErrFenced and changes nothing.
func (l *Ledger) Claim(ctx context.Context, d retailq.Delivery, worker retailq.ID) (*retailq.Job, error) {
	job, err := scanJob(l.db.pool.QueryRow(ctx, `
		WITH job AS (
		  UPDATE jobs
		  SET state = 'running', worker_id = $3, epoch = epoch + 1, version = version + 1,
		      started_at = coalesce(started_at, now()), updated_at = now()
		  WHERE id = $1 AND epoch = $2 AND state = 'queued'
		  RETURNING *
		), noted AS (
		  INSERT INTO job_events (job_id, type, actor, data)
		  SELECT id, 'started', 'worker', jsonb_build_object('worker', worker_id, 'epoch', epoch, 'stage', stage)
		  FROM job WHERE parent_id IS NULL
		)
		SELECT `+jobColumns+` FROM job`, d.JobID, d.Epoch, worker))
	if isNoRows(err) {
		return nil, retailq.Errorf(retailq.ErrFenced, "delivery_stale",
			"job %s is no longer to be had at epoch %d", d.JobID, d.Epoch)
	}
	return job, wrapf(err, "claim job %s", d.JobID)
}

// ReportProgress shows how far a running job has come, outside any checkpoint.
func (l *Ledger) ReportProgress(ctx context.Context, f retailq.Fence, p retailq.Progress) error {
	tag, err := l.db.pool.Exec(ctx, `
		UPDATE jobs SET phase = $3, done = $4, total = $5, version = version + 1, updated_at = now()
		WHERE id = $1 AND epoch = $2 AND state = 'running'`, f.JobID, f.Epoch, p.Phase, p.Done, p.Total)
	if err == nil && tag.RowsAffected() == 0 {
		return fenced(f)
	}
	return wrapf(err, "report progress of job %s", f.JobID)
}

func fenced(f retailq.Fence) error {
	return retailq.Errorf(retailq.ErrFenced, "job_fenced", "job %s is no longer held at epoch %d", f.JobID, f.Epoch)
}

// wrapf translates err and says what was being done; it returns nil for nil.
func wrapf(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, translate(err))...)
}

const jobColumns = `id, tenant_id, parent_id, seq, kind, queue, status, stage, coalesce(wish, ''),
	coalesce(outcome, ''), epoch, version,
	args, cursor, result, failure, phase, done, total, counters, failures, max_attempts, worker_id, trace, created_by,
	created_at, CASE WHEN isfinite(run_at) THEN run_at ELSE 'epoch' END, started_at, finished_at, updated_at`

func scanJob(row pgx.Row) (*retailq.Job, error) {
	var j retailq.Job
	err := row.Scan(&j.ID, &j.TenantID, &j.ParentID, &j.Seq, &j.Kind, &j.Queue, &j.State, &j.Stage, &j.Wish, &j.Outcome,
		&j.Epoch,
		&j.Version, &j.Args, &j.Cursor, &j.Result, &j.Failure, &j.Progress.Phase, &j.Progress.Done, &j.Progress.Total,
		&j.Counters, &j.Failures, &j.MaxAttempts, &j.WorkerID, &j.Trace, &j.CreatedBy, &j.CreatedAt, &j.RunAt, &j.StartedAt,
		&j.FinishedAt, &j.UpdatedAt)
	if err != nil {
		return nil, err
	}
	return &j, nil
}

func collectJobs(rows pgx.Rows, err error) ([]*retailq.Job, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*retailq.Job, error) { return scanJob(row) })
}
