package e2e

import (
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
)

// TestZombies freezes a worker inside its last transaction for a job, gives the job to somebody else, and wakes the
// worker up: what it commits then must be refused.
func TestZombies(t *testing.T) {
	t.Parallel()
	for _, stage := range []struct {
		name string
		jobs int
		lock string
		// late is set where the lock would be in the way of what comes earlier.
		late bool
	}{
		{name: "scan", jobs: 1, lock: `LOCK TABLE import_chunks IN SHARE ROW EXCLUSIVE MODE`},
		{name: "chunks", jobs: concurrency, lock: `LOCK TABLE retailers IN SHARE ROW EXCLUSIVE MODE`},
		{name: "finish", jobs: 1, lock: `LOCK TABLE imports IN SHARE ROW EXCLUSIVE MODE`, late: true},
	} {
		t.Run(stage.name, func(t *testing.T) {
			t.Parallel()
			want, s := undisturbed(t), usualSample()
			p := newPlatform(t, settings{})
			c, zombie := p.admin(t), p.worker(t)
			c.load(t, s.before)
			var barrier barrier
			if !stage.late {
				barrier = p.hold(t, stage.lock)
			}
			id := c.start(t, s.content)
			if stage.late {
				p.untilChunks(t, id)
				barrier = p.hold(t, stage.lock)
			}
			p.untilBlocked(t, barrier, stage.jobs)
			zombie.signal(t, syscall.SIGSTOP)
			held := p.heldBy(t, p.workerID(t, zombie))
			require.Len(t, held, stage.jobs)
			taken := p.takeOver(t, held)

			zombie.signal(t, syscall.SIGCONT)
			barrier.release()
			for i, f := range taken {
				end := zombie.expect(t, "the end of its attempt", func(l line) bool {
					return l.Msg == "attempt ended" && l.JobID == f.JobID && l.Epoch == held[i].Epoch
				})
				require.Equal(t, "fenced", end.Outcome)
				require.True(t, one[bool](t, p, `
					SELECT state = 'running' AND worker_id = $2 AND epoch = $3 FROM jobs WHERE id = $1`,
					f.JobID, understudy, f.Epoch), "the zombie has touched job %s", f.JobID)
			}
			p.giveBack(t, taken)
			c.await(t, id)
			p.requireNothingBurned(t, id)
			requireSame(t, want, p.outcome(t, id))
		})
	}
}

// understudy is the worker that the test plays.
var understudy = retailq.NewID()

// takeOver waits until jobs have been taken from their worker, and claims them as another worker would.
func (p *platform) takeOver(t *testing.T, held []retailq.Fence) []retailq.Fence {
	t.Helper()
	ledger := p.db.Ledger()
	self := store.Worker{ID: understudy, Host: "test", Version: "test", Concurrency: len(held)}
	_, err := ledger.Beat(t.Context(), self)
	require.NoError(t, err)
	_, err = p.pool.Exec(t.Context(), `UPDATE workers SET heartbeat_at = now() + interval '1 hour' WHERE id = $1`, self.ID)
	require.NoError(t, err)
	taken := make([]retailq.Fence, len(held))
	for i, f := range held {
		p.until(t, "the job is rescued", `SELECT state = 'queued' FROM jobs WHERE id = $1`, f.JobID)
		job, err := ledger.Job(t.Context(), f.JobID)
		require.NoError(t, err)
		job, err = ledger.Claim(t.Context(), retailq.Delivery{JobID: f.JobID, Epoch: job.Epoch}, self.ID)
		require.NoError(t, err)
		taken[i] = job.Fence()
	}
	return taken
}

// heldBy returns the jobs that a worker holds.
func (p *platform) heldBy(t *testing.T, worker retailq.ID) []retailq.Fence {
	t.Helper()
	rows, err := p.pool.Query(t.Context(), `
		SELECT id, parent_id, epoch FROM jobs WHERE state = 'running' AND worker_id = $1 ORDER BY id`, worker)
	require.NoError(t, err)
	held, err := pgx.CollectRows(rows, pgx.RowToStructByPos[retailq.Fence])
	require.NoError(t, err)
	return held
}

// giveBack hands jobs back. Nobody rings for them: the dispatcher finds them.
func (p *platform) giveBack(t *testing.T, fences []retailq.Fence) {
	t.Helper()
	for _, f := range fences {
		_, err := p.db.Ledger().End(t.Context(), f, func(*store.Tx) (store.Ending, error) {
			return store.HandedBack("handed back"), nil
		})
		require.NoError(t, err)
	}
}

// TestFrozenWorker freezes a worker for good, in the middle of a transaction that has written rows and taken locks. It
// is not dead, so that nobody tells Postgres; yet nobody may have to wait for it.
func TestFrozenWorker(t *testing.T) {
	t.Parallel()
	want, s := undisturbed(t), usualSample()
	p := newPlatform(t, settings{})
	c, frozen := p.admin(t), p.worker(t)
	c.load(t, s.before)
	id := c.start(t, s.content)
	p.untilDone(t, id, chunkRows)
	barrier := p.hold(t, `SELECT FROM jobs WHERE id = $1 FOR UPDATE`, id)
	p.untilBlocked(t, barrier, concurrency)
	frozen.signal(t, syscall.SIGSTOP)
	barrier.release() // one of its transactions now holds the parent's row, too

	p.worker(t)
	c.await(t, id)
	p.requireNothingBurned(t, id)
	requireSame(t, want, p.outcome(t, id))
}
