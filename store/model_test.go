package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

// TestAnythingAtOnce lets workers, dispatchers and operators loose on parents with children, in no order, and then
// drives the parents to their end. Whatever happened before, each child must have taken effect once, nobody may have
// met an error but "too late" and "not in this state", and no parent may be stuck.
func TestAnythingAtOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			c := newChaos(t)
			var all sync.WaitGroup
			for i, play := range []func(*rand.Rand) error{
				c.work, c.work, c.work, c.work, c.dispatch, c.dispatch, c.operate, c.operate, c.inspect,
			} {
				all.Go(func() {
					random := rand.New(rand.NewPCG(seed, uint64(i)))
					for range c.steps {
						if err := play(random); err != nil {
							t.Errorf("player %d: %v", i, err)
							return
						}
					}
				})
			}
			all.Wait()
			c.finish(t)
			c.check(t)
		})
	}
}

const (
	chaosParents  = 2
	chaosChildren = 12
	chaosWindow   = 3
)

type chaos struct {
	*storetest.Fixture
	t       *testing.T
	steps   int
	parents []retailq.ID
	worker  retailq.ID
}

func newChaos(t *testing.T) *chaos {
	t.Helper()
	c := &chaos{Fixture: storetest.New(t), t: t, steps: 100}
	c.worker = c.Worker()
	for range chaosParents {
		c.parents = append(c.parents, c.Spawn(chaosChildren, chaosWindow).ID)
	}
	return c
}

// tolerable drops the errors that callers must expect of a race. A deadlock is none of them.
func tolerable(err error) error {
	if errors.Is(err, retailq.ErrFenced) || errors.Is(err, retailq.ErrConflict) {
		return nil
	}
	return err
}

// work claims any queued job and ends the attempt in some way, or just forgets about it.
func (c *chaos) work(random *rand.Rand) error {
	d, found, err := c.anyQueued(random)
	if err != nil || !found {
		return err
	}
	job, err := c.Ledger.Claim(c.t.Context(), d, c.worker)
	if err != nil {
		return tolerable(err)
	}
	switch random.IntN(10) {
	case 0:
		return nil // the process dies
	case 1:
		return c.end(job, store.HandedBack("handed back"))
	case 2:
		return c.end(job, store.Ending{State: retailq.Failed, Event: "failed", Burn: true, Failure: storetest.Broken()})
	case 3:
		return c.end(job, store.Ending{State: retailq.Retrying, Event: "retrying", Burn: true, Failure: storetest.Broken()})
	}
	return c.succeed(job)
}

func (c *chaos) anyQueued(random *rand.Rand) (d retailq.Delivery, found bool, err error) {
	rows, err := c.SQL.Query(c.t.Context(), `SELECT id::text, epoch FROM jobs WHERE state = 'queued'`)
	if err != nil {
		return d, false, err
	}
	defer rows.Close()
	var all []retailq.Delivery
	for rows.Next() {
		if err := rows.Scan(&d.JobID, &d.Epoch); err != nil {
			return d, false, err
		}
		all = append(all, d)
	}
	if len(all) == 0 {
		return d, false, rows.Err()
	}
	return all[random.IntN(len(all))], true, rows.Err()
}

func (c *chaos) end(job *retailq.Job, e store.Ending) error {
	_, err := c.Ledger.End(c.t.Context(), job.Fence(), storetest.Ending(e))
	return tolerable(err)
}

// succeed leaves one retailer for each child, whose version would tell of a second effect.
func (c *chaos) succeed(job *retailq.Job) error {
	if job.ParentID.IsZero() {
		return c.end(job, store.Ending{State: retailq.Succeeded, Event: "succeeded"})
	}
	_, err := c.Ledger.End(c.t.Context(), job.Fence(), func(tx *store.Tx) (store.Ending, error) {
		var rows store.Rows
		rows.Append([]byte(job.ID.String()), []byte(retailq.NewID().String()))
		_, err := tx.Tenant(c.Tenant.ID).UpsertRetailers(c.t.Context(), []string{"uid", "name"}, &rows)
		return store.Ending{
			State: retailq.Succeeded, Event: "succeeded", Counters: retailq.Counters{"rows": 10}, Done: 1,
		}, err
	})
	return tolerable(err)
}

// dispatch does what dispatchers do, taking live workers for dead ones now and then.
func (c *chaos) dispatch(random *rand.Rand) (err error) {
	switch random.IntN(4) {
	case 0:
		_, err = c.Ledger.Unheard(c.t.Context(), 0, 5)
	case 1:
		_, err = c.Ledger.Unring(c.t.Context())
	case 2:
		err = c.rescue()
	default:
		_, err = c.Ledger.Due(c.t.Context(), 5)
	}
	return err
}

func (c *chaos) rescue() error {
	orphans, err := c.Ledger.Orphans(c.t.Context(), 0, 5)
	for _, o := range orphans {
		if _, err := c.Ledger.Rescue(c.t.Context(), o); tolerable(err) != nil {
			return err
		}
	}
	return err
}

func (c *chaos) operate(random *rand.Rand) error {
	verbs := []storetest.Verb{c.Ledger.Pause, c.Ledger.Resume, c.Ledger.Resume, c.Ledger.Cancel, c.Ledger.Requeue}
	id := c.parents[random.IntN(len(c.parents))]
	_, err := verbs[random.IntN(len(verbs))](c.t.Context(), storetest.Order(id))
	return tolerable(err)
}

// inspect looks at what must hold at every moment.
func (c *chaos) inspect(*rand.Rand) error {
	var over int
	err := c.SQL.QueryRow(c.t.Context(), `
		SELECT count(*) FROM (
		  SELECT FROM jobs WHERE parent_id IS NOT NULL AND state IN ('queued', 'running', 'retrying')
		  GROUP BY parent_id HAVING count(*) > $1) AS too_many`, chaosWindow).Scan(&over)
	if err == nil && over > 0 {
		return errors.New("more children are under way than the window allows")
	}
	return err
}

// finish plays a good world: workers live, operators resume and requeue until everything has succeeded.
func (c *chaos) finish(t *testing.T) {
	t.Helper()
	for range 20 * chaosParents * chaosChildren {
		require.NoError(t, c.rescue())
		_, err := c.Ledger.Due(c.t.Context(), 100)
		require.NoError(t, err)
		done := 0
		for _, id := range c.parents {
			switch job := c.Job(id); {
			case job.State == retailq.Succeeded:
				done++
			case job.State.Finished():
				c.Steer(c.Ledger.Requeue, id)
			default:
				c.Steer(c.Ledger.Resume, id)
			}
		}
		if done == len(c.parents) {
			return
		}
		d, found, err := c.anyQueued(rand.New(rand.NewPCG(0, 0)))
		require.NoError(t, err)
		if found {
			job, err := c.Ledger.Claim(c.t.Context(), d, c.worker)
			require.NoError(t, err)
			require.NoError(t, c.succeed(job))
		}
	}
	for _, id := range c.parents {
		t.Logf("parent: %+v", c.Job(id))
		for _, child := range c.Children(id) {
			t.Logf("child: %+v", child)
		}
	}
	t.Fatal("a parent is stuck")
}

func (c *chaos) check(t *testing.T) {
	t.Helper()
	for _, id := range c.parents {
		parent := c.Job(id)
		require.Equal(t, retailq.Counters{"rows": 10 * chaosChildren}, parent.Counters)
		require.Equal(t, int64(chaosChildren), parent.Progress.Done)
		require.Nil(t, parent.Failure)
		for _, child := range c.Children(id) {
			require.Equal(t, retailq.Succeeded, child.State)
			require.Equal(t, retailq.Counters{"rows": 10}, child.Counters)
		}
	}
	require.Equal(t, int64(chaosParents*chaosChildren), retailers(c.Fixture))
	require.Zero(t, c.Int(`SELECT count(*) FROM retailers WHERE version > 1`), "a child took effect twice")
}
