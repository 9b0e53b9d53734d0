package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
)

// obedience is within what time a running job does as it is told.
const obedience = 2 * time.Second

// The tests of this file look at the clock, and run beside no other.

func TestPauseAndResume(t *testing.T) { //nolint:paralleltest // see above
	want, s := undisturbed(t), usualSample()
	p := newPlatform(t, settings{})
	c, worker := p.admin(t), p.worker(t)
	c.load(t, s.before)
	id := c.start(t, s.content)
	for _, share := range []int{10, 3, 2} {
		p.untilDone(t, id, int(s.rows.Read)/share)
		began := time.Now()
		require.Contains(t, []retailq.State{retailq.Pausing, retailq.Paused}, c.steer(t, id, "pause").State)
		p.until(t, "the import is paused", `SELECT status = 'paused' FROM jobs WHERE id = $1`, id)
		took := time.Since(began)
		t.Logf("paused in %s", took)
		require.Less(t, took, obedience)

		still := p.standing(t, id)
		p.untilBeats(t, worker, 5)
		require.Equal(t, still, p.standing(t, id), "a paused import goes on")
		c.steer(t, id, "resume")
	}
	require.Equal(t, retailq.Succeeded, c.await(t, id).State)
	p.requireNothingBurned(t, id)
	requireSame(t, want, p.outcome(t, id))
}

func TestCancelAndRequeue(t *testing.T) { //nolint:paralleltest // see above
	want, s := undisturbed(t), usualSample()
	p := newPlatform(t, settings{})
	c := p.admin(t)
	p.worker(t)
	c.load(t, s.before)
	id := c.start(t, s.content)
	for _, stuck := range []bool{false, true} {
		p.untilDone(t, id, chunkRows)
		var barrier barrier
		if stuck { // the second time, chunks have begun that do not come to an end
			barrier = p.hold(t, `LOCK TABLE retailers IN SHARE ROW EXCLUSIVE MODE`)
			p.untilBlocked(t, barrier, concurrency)
		}
		began := time.Now()
		c.steer(t, id, "cancel")
		p.until(t, "the import is cancelled", `SELECT status = 'cancelled' FROM jobs WHERE id = $1`, id)
		took := time.Since(began)
		t.Logf("cancelled in %s", took)
		require.Less(t, took, obedience)
		if stuck {
			barrier.release()
		}

		r := c.find(t, id).Rows
		require.Equal(t, s.rows.Read, r.Read)
		require.Positive(t, r.Unprocessed)
		require.Equal(t, r.Read, r.Created+r.Updated+r.Unchanged+r.Duplicate+r.Rejected+r.Unprocessed)
		require.Equal(t, int64(len(s.retailers)-int(s.rows.Created))+r.Created, one[int64](t, p,
			`SELECT count(*) FROM retailers WHERE tenant_id = $1`, p.shop.ID), "the counters are not those of the table")
		c.steer(t, id, "requeue")
	}
	require.Equal(t, retailq.Succeeded, c.await(t, id).State)
	p.requireNothingBurned(t, id)
	requireSame(t, want, p.outcome(t, id))
}

// standing is everything that would change if any part of an import went on.
func (p *platform) standing(t *testing.T, id retailq.ID) string {
	t.Helper()
	return one[string](t, p, `
		SELECT (SELECT string_agg(concat_ws(' ', id, state, epoch, version), ' ' ORDER BY id) FROM jobs
		        WHERE id = $1 OR parent_id = $1)
		    || (SELECT concat_ws(' ', '', count(*), sum(version)) FROM retailers)`, id)
}

// untilBeats waits until a worker has shown itself so many times more.
func (p *platform) untilBeats(t *testing.T, w *process, n int) {
	t.Helper()
	since := one[time.Time](t, p, `SELECT heartbeat_at FROM workers WHERE pid = $1`, w.pid())
	p.until(t, "the worker shows that it lives", `SELECT heartbeat_at > $2 FROM workers WHERE pid = $1`,
		w.pid(), since.Add(time.Duration(n)*heartbeat))
}
