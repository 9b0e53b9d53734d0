package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"retailq"
)

// Page bounds a listing, newest first.
type Page struct {
	// Before is the id that the page begins behind; zero for the first page.
	Before retailq.ID
	// Limit is how many rows at most; at least 1.
	Limit int
}

// JobFilter picks jobs. Empty fields pick everything.
type JobFilter struct {
	TenantID retailq.ID
	Kind     string
	State    retailq.State
	// Parent lists that job's children, in their order; otherwise children are left out.
	Parent retailq.ID
}

// Job returns one job of any tenant, or ErrNotFound.
func (l *Ledger) Job(ctx context.Context, id retailq.ID) (*retailq.Job, error) {
	return findJob(ctx, l.db.pool, id, `id = $1`, id)
}

// Job returns one job of the tenant; another tenant's is ErrNotFound.
func (t *Tenant) Job(ctx context.Context, id retailq.ID) (*retailq.Job, error) {
	return findJob(ctx, t.q, id, `id = $1 AND tenant_id = $2`, id, t.id)
}

func findJob(ctx context.Context, q queryer, id retailq.ID, where string, args ...any) (*retailq.Job, error) {
	job, err := scanJob(q.QueryRow(ctx, `SELECT `+jobColumns+` FROM jobs WHERE `+where, args...))
	if isNoRows(err) {
		return nil, retailq.NotFound("job", id.String())
	}
	return job, wrapf(err, "find job %s", id)
}

// JobsByID returns those of the jobs that exist, in no particular order.
func (l *Ledger) JobsByID(ctx context.Context, ids []retailq.ID) ([]*retailq.Job, error) {
	jobs, err := collectJobs(l.db.pool.Query(ctx, `SELECT `+jobColumns+` FROM jobs WHERE id = ANY($1)`, texts(ids)))
	return jobs, wrapf(err, "find %d jobs", len(ids))
}

// Jobs lists jobs, newest first; children, if asked for, in their order.
func (l *Ledger) Jobs(ctx context.Context, f JobFilter, p Page) ([]*retailq.Job, error) {
	where := []string{"true"}
	var args []any
	add := func(condition string, value any) {
		args = append(args, value)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	order := "id DESC"
	if f.Parent.IsZero() {
		where = append(where, "parent_id IS NULL")
	} else {
		add("parent_id = $%d", f.Parent)
		order = "seq"
	}
	if !f.TenantID.IsZero() {
		add("tenant_id = $%d", f.TenantID)
	}
	if f.Kind != "" {
		add("kind = $%d", f.Kind)
	}
	if f.State != "" {
		add("status = $%d", string(f.State))
	}
	if !p.Before.IsZero() && f.Parent.IsZero() {
		add("id < $%d", p.Before)
	}
	if !p.Before.IsZero() && !f.Parent.IsZero() {
		add("seq > (SELECT seq FROM jobs WHERE id = $%d)", p.Before)
	}
	args = append(args, p.Limit)
	jobs, err := collectJobs(l.db.pool.Query(ctx, fmt.Sprintf(
		`SELECT %s FROM jobs WHERE %s ORDER BY %s LIMIT $%d`, jobColumns, strings.Join(where, " AND "), order, len(args)),
		args...))
	return jobs, wrapf(err, "list jobs")
}

// Events returns the history of a job, oldest first, from behind the event with id after (0: from the start).
func (l *Ledger) Events(ctx context.Context, job retailq.ID, after int64, limit int) ([]retailq.JobEvent, error) {
	rows, err := l.db.pool.Query(ctx, `
		SELECT id, job_id, at, type, actor, data FROM job_events WHERE job_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		job, after, limit)
	if err != nil {
		return nil, wrapf(err, "events of job %s", job)
	}
	events, err := pgx.CollectRows(rows, pgx.RowToStructByPos[retailq.JobEvent])
	return events, wrapf(err, "events of job %s", job)
}

func texts(ids []retailq.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}
