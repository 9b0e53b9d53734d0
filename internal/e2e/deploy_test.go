package e2e

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTerminatedWorker ends one of two workers as a deploy does. It comes to the border of its chunks and leaves.
func TestTerminatedWorker(t *testing.T) {
	t.Parallel()
	want, s := undisturbed(t), usualSample()
	const shutdown = 10 * time.Second
	p := newPlatform(t, settings{shutdown: shutdown})
	c, workers := p.admin(t), p.workers(t, 2)
	c.load(t, s.before)
	id := c.start(t, s.content)
	for i, worker := range workers {
		p.untilDone(t, id, int(s.rows.Read)*(i+1)/4)
		self := p.workerID(t, worker)
		worker.signal(t, syscall.SIGTERM)
		require.NoError(t, worker.awaitEnd(t, shutdown), "its exit status")
		require.Empty(t, p.heldBy(t, self), "it has left jobs behind")
		p.worker(t)
	}
	c.await(t, id)
	p.requireNothingBurned(t, id)
	requireSame(t, want, p.outcome(t, id))
}

// TestTerminatedWorkerThatCannotFinish gives a worker chunks that do not come to an end within the time it has to shut
// down: it hands them back.
func TestTerminatedWorkerThatCannotFinish(t *testing.T) {
	t.Parallel()
	want, s := undisturbed(t), usualSample()
	p := newPlatform(t, settings{shutdown: time.Second})
	c, worker := p.admin(t), p.worker(t)
	c.load(t, s.before)
	id := c.start(t, s.content)
	p.untilDone(t, id, chunkRows)
	barrier := p.hold(t, `LOCK TABLE retailers IN SHARE ROW EXCLUSIVE MODE`)
	p.untilBlocked(t, barrier, concurrency)
	self := p.workerID(t, worker)
	worker.signal(t, syscall.SIGTERM)
	require.NoError(t, worker.awaitEnd(t, 5*time.Second), "its exit status")
	require.Empty(t, p.heldBy(t, self), "it has left jobs behind")
	require.Equal(t, int64(concurrency), one[int64](t, p, `
		SELECT count(*) FROM job_events e JOIN jobs j ON j.id = e.job_id
		WHERE j.parent_id = $1 AND e.type = 'handed back'`, id))
	barrier.release()
	p.worker(t)
	c.await(t, id)
	p.requireNothingBurned(t, id)
	requireSame(t, want, p.outcome(t, id))
}
