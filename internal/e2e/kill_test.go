package e2e

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A run can be repeated with -seed, as far as moments can be repeated at all.
var seed = flag.Uint64("seed", uint64(time.Now().UnixNano()), "picks the moments at which workers are killed")

// TestKilledWorkers kills workers at random moments, from the first of the scan to the last of the finish. Each is
// replaced at once, as a supervisor would.
func TestKilledWorkers(t *testing.T) {
	t.Parallel()
	for i, n := range []int{1, 2, 4} {
		t.Run(strconv.Itoa(n)+" workers", func(t *testing.T) {
			t.Parallel()
			t.Logf("seed %d", *seed)
			random := rand.New(rand.NewPCG(*seed, uint64(i)))
			want, s := undisturbed(t), usualSample()
			p := newPlatform(t, settings{})
			c, workers := p.admin(t), p.workers(t, n)
			c.load(t, s.before)
			id := c.start(t, s.content)
			p.until(t, "the scan has begun", `SELECT started_at IS NOT NULL FROM jobs WHERE id = $1`, id)
			hit := 0
			moments := momentsToKill(random, int(s.rows.Read))
			for _, rows := range moments {
				p.untilDone(t, id, rows)
				pause(time.Duration(random.Int64N(int64(40 * time.Millisecond))))
				victim := random.IntN(n)
				workers[victim].kill(t)
				if one[bool](t, p, `SELECT finished_at IS NULL FROM jobs WHERE id = $1`, id) {
					hit++
				}
				workers[victim] = p.worker(t)
			}
			t.Logf("%d of %d kills came before the end", hit, len(moments))
			require.GreaterOrEqual(t, hit, len(moments)/2)
			c.await(t, id)
			p.requireNothingBurned(t, id)
			requireSame(t, want, p.outcome(t, id))
		})
	}
}

// momentsToKill are counts of rows that are done with. The first comes with the scan, the last with the finish.
func momentsToKill(random *rand.Rand, rows int) []int {
	n := 10
	if testing.Short() {
		n = 4
	}
	moments := []int{0, rows}
	for range n - 2 {
		moments = append(moments, random.IntN(rows*9/10))
	}
	slices.Sort(moments)
	return moments
}

// pause lets a random moment pass, which no signal could stand for.
func pause(d time.Duration) { <-time.After(d) }

// TestKilledBetweenDataAndCheckpoint kills every worker when the rows of its chunks are written and the checkpoint is
// not: the one moment at which the two would part if they were not one transaction.
func TestKilledBetweenDataAndCheckpoint(t *testing.T) {
	t.Parallel()
	want, s := undisturbed(t), usualSample()
	p := newPlatform(t, settings{})
	c, worker := p.admin(t), p.worker(t)
	c.load(t, s.before)
	id := c.start(t, s.content)
	p.untilDone(t, id, chunkRows)
	for range 3 {
		barrier := p.hold(t, `SELECT FROM jobs WHERE id = $1 FOR UPDATE`, id) // which every checkpoint adds to
		p.untilBlocked(t, barrier, concurrency)
		worker.kill(t)
		barrier.release()
		p.until(t, "the chunks are rescued",
			`SELECT count(*) = 0 FROM jobs WHERE parent_id = $1 AND state = 'running'`, id)
		worker = p.worker(t)
	}
	c.await(t, id)
	p.requireNothingBurned(t, id)
	requireSame(t, want, p.outcome(t, id))
}
