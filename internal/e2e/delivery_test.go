package e2e

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"retailq"
)

// TestDuplicateDeliveries delivers every job many times over: while it waits, while it runs and when it has finished,
// at its own epoch, at those that have passed and at those to come.
func TestDuplicateDeliveries(t *testing.T) {
	t.Parallel()
	want, s := undisturbed(t), usualSample()
	p := newPlatform(t, settings{})
	c := p.admin(t)
	p.workers(t, 2)
	c.load(t, s.before)
	id := c.start(t, s.content)
	client := asynq.NewClientFromRedisClient(p.redis)
	sent := 0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for finished := false; !finished; <-tick.C {
		finished = one[bool](t, p, `SELECT finished_at IS NOT NULL FROM jobs WHERE id = $1`, id)
		for _, d := range p.deliveries(t, id, finished) {
			for _, epoch := range []int64{0, d.Epoch - 1, d.Epoch, d.Epoch + 1} {
				deliver(t, client, retailq.Delivery{JobID: d.JobID, Epoch: epoch, Queue: d.Queue})
				sent++
			}
		}
	}
	p.untilDelivered(t)
	t.Logf("%d deliveries", sent)
	p.requireNothingBurned(t, id)
	requireSame(t, want, p.outcome(t, id))
	require.Zero(t, one[int64](t, p, `SELECT count(*) FROM jobs WHERE state <> 'succeeded'`))
	// A claim and an ending raise the epoch, a rescue has one more claim follow, and no duplicate raises it.
	twice := one[int64](t, p, `
		SELECT count(*) FROM jobs j WHERE parent_id = $1 AND epoch <> 2 + 2 * (
		  SELECT count(*) FROM job_events e WHERE e.job_id = j.id AND e.type = 'rescued')`, id)
	require.Zero(t, twice, "chunks were performed twice")
}

// deliveries are those of the jobs of an import that are under way, or of all.
func (p *platform) deliveries(t *testing.T, id retailq.ID, all bool) []retailq.Delivery {
	t.Helper()
	rows, err := p.pool.Query(t.Context(), `
		SELECT id, epoch, queue FROM jobs
		WHERE (id = $1 OR parent_id = $1) AND ($2 OR state IN ('queued', 'running'))`, id, all)
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d retailq.Delivery, err error) {
		return d, row.Scan(&d.JobID, &d.Epoch, &d.Queue)
	})
	require.NoError(t, err)
	return list
}

// deliver puts a delivery into Redis under an id of its own, so that nothing there knows it for a duplicate.
func deliver(t *testing.T, client *asynq.Client, d retailq.Delivery) {
	t.Helper()
	payload, err := json.Marshal(d)
	require.NoError(t, err)
	_, err = client.EnqueueContext(t.Context(), asynq.NewTask("retailq:job", payload), asynq.Queue(d.Queue))
	require.NoError(t, err)
}

// untilDelivered waits until no delivery is left.
func (p *platform) untilDelivered(t *testing.T) {
	t.Helper()
	inspector := asynq.NewInspectorFromRedisClient(p.redis)
	require.Eventually(t, func() bool {
		left := 0
		for _, queue := range []string{"default", "bulk"} {
			info, err := inspector.GetQueueInfo(queue)
			if err != nil && !errors.Is(err, asynq.ErrQueueNotFound) {
				return false
			}
			if info != nil {
				left += info.Size
			}
		}
		return left == 0
	}, patience, 20*time.Millisecond)
}
