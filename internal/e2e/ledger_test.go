package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
)

// until waits until a query that yields one boolean yields true. what describes it.
func (p *platform) until(t *testing.T, what, sql string, args ...any) {
	t.Helper()
	limit := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !one[bool](t, p, sql, args...) {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// untilDone waits until so many rows of an import are done with, or it has finished. For 0 it does not wait.
func (p *platform) untilDone(t *testing.T, id retailq.ID, rows int) {
	t.Helper()
	p.until(t, "some rows are done", `
		SELECT finished_at IS NOT NULL OR $2 = 0 OR phase = 'importing' AND done >= $2 FROM jobs WHERE id = $1`, id, rows)
}

// untilChunks waits until chunks of an import are under way, or it has finished.
func (p *platform) untilChunks(t *testing.T, id retailq.ID) {
	t.Helper()
	p.until(t, "chunks are under way", `
		SELECT finished_at IS NOT NULL OR stage <> 'perform' FROM jobs WHERE id = $1`, id)
}

// barrier is a transaction that stays open, with its locks.
type barrier struct {
	pid int32
	// release lets go of the locks. Calling it again does nothing.
	release func()
}

// hold runs a statement in a transaction that stays open until it is released or the test ends.
func (p *platform) hold(t *testing.T, sql string, args ...any) barrier {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	tx, err := p.pool.Begin(ctx)
	require.NoError(t, err)
	b := barrier{release: func() {
		_ = tx.Rollback(ctx) // the second call finds it closed
		cancel()
	}}
	t.Cleanup(b.release)
	_, err = tx.Exec(ctx, sql, args...)
	require.NoError(t, err)
	require.NoError(t, tx.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&b.pid))
	return b
}

// untilBlocked waits until n statements of workers wait for a lock: one for the barrier, and others perhaps behind it.
func (p *platform) untilBlocked(t *testing.T, b barrier, n int) {
	t.Helper()
	p.until(t, "statements wait for a lock", `
		SELECT count(*) >= $1 AND coalesce(bool_or($2 = ANY (pg_blocking_pids(pid))), false) FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name = 'retailq worker'`, n, b.pid)
}

// workerID waits until a worker has shown itself in the ledger, and returns what it is there.
func (p *platform) workerID(t *testing.T, w *process) retailq.ID {
	t.Helper()
	p.until(t, "the worker is known", `SELECT EXISTS (SELECT FROM workers WHERE pid = $1)`, w.pid())
	return one[retailq.ID](t, p, `SELECT id FROM workers WHERE pid = $1`, w.pid())
}

// requireNothingBurned checks that no attempt of an import, or of its chunks, counts as failed.
func (p *platform) requireNothingBurned(t *testing.T, id retailq.ID) {
	t.Helper()
	require.Zero(t, one[int64](t, p, `SELECT sum(failures) FROM jobs WHERE id = $1 OR parent_id = $1`, id))
	require.Zero(t, one[int64](t, p, `
		SELECT count(*) FROM job_events e JOIN jobs j ON j.id = e.job_id
		WHERE (j.id = $1 OR j.parent_id = $1) AND e.type IN ('failed', 'retrying')`, id))
}
