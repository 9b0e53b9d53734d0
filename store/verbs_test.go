package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

// situations are all the places in which a job can stand when an operator gives an order.
var situations = map[string]func(*storetest.Fixture) retailq.ID{
	"scheduled": func(f *storetest.Fixture) retailq.ID {
		return f.Create(func(n *store.NewJob) { n.Delay = time.Hour }).ID
	},
	"queued":  func(f *storetest.Fixture) retailq.ID { return f.Create().ID },
	"running": func(f *storetest.Fixture) retailq.ID { return f.Claim(f.Create().ID).ID },
	"retrying": func(f *storetest.Fixture) retailq.ID {
		job := f.Claim(f.Create().ID)
		f.Retry(job, time.Hour)
		return job.ID
	},
	"pausing": func(f *storetest.Fixture) retailq.ID { return steered(f, f.Claim(f.Create().ID).ID, f.Ledger.Pause) },
	"paused":  func(f *storetest.Fixture) retailq.ID { return steered(f, f.Create().ID, f.Ledger.Pause) },
	"cancelling": func(f *storetest.Fixture) retailq.ID {
		return steered(f, f.Claim(f.Create().ID).ID, f.Ledger.Cancel)
	},
	"cancelled": func(f *storetest.Fixture) retailq.ID { return steered(f, f.Create().ID, f.Ledger.Cancel) },
	"succeeded": func(f *storetest.Fixture) retailq.ID {
		job := f.Claim(f.Create().ID)
		f.Succeed(job)
		return job.ID
	},
	"failed": func(f *storetest.Fixture) retailq.ID {
		job := f.Claim(f.Create().ID)
		f.Fail(job)
		return job.ID
	},

	"children":           busyParent,
	"children pausing":   func(f *storetest.Fixture) retailq.ID { return steered(f, busyParent(f), f.Ledger.Pause) },
	"children paused":    func(f *storetest.Fixture) retailq.ID { return steered(f, f.Spawn(2, 1).ID, f.Ledger.Pause) },
	"children cancelled": func(f *storetest.Fixture) retailq.ID { return steered(f, busyParent(f), f.Ledger.Cancel) },
	"finish queued":      finishing,
	"finish running":     func(f *storetest.Fixture) retailq.ID { return f.Claim(finishing(f)).ID },
	"finish paused":      func(f *storetest.Fixture) retailq.ID { return steered(f, finishing(f), f.Ledger.Pause) },
	"finish of cancelled": func(f *storetest.Fixture) retailq.ID {
		return steered(f, f.Spawn(2, 1).ID, f.Ledger.Cancel)
	},
	"finish of cancelled running": func(f *storetest.Fixture) retailq.ID {
		return f.Claim(steered(f, f.Spawn(2, 1).ID, f.Ledger.Cancel)).ID
	},
	"finish of cancelled failed": func(f *storetest.Fixture) retailq.ID {
		job := f.Claim(steered(f, f.Spawn(2, 1).ID, f.Ledger.Cancel))
		f.Fail(job)
		return job.ID
	},
}

func steered(f *storetest.Fixture, id retailq.ID, verb storetest.Verb) retailq.ID {
	f.Steer(verb, id)
	return id
}

// busyParent returns a parent of two of whose children one runs and one waits.
func busyParent(f *storetest.Fixture) retailq.ID {
	parent := f.Spawn(2, 1)
	f.Claim(f.Children(parent.ID)[0].ID)
	return parent.ID
}

// finishing returns a parent all of whose children are done.
func finishing(f *storetest.Fixture) retailq.ID {
	parent := f.Spawn(1, 1)
	succeedChild(f, f.Claim(f.Children(parent.ID)[0].ID))
	return parent.ID
}

// TestEveryVerbInEverySituation says what people see afterwards; "-" is a conflict, which changes nothing.
func TestEveryVerbInEverySituation(t *testing.T) {
	t.Parallel()
	const refused = "-"
	f := storetest.New(t)
	tests := []struct {
		situation                              string
		before, pause, resume, cancel, requeue retailq.State
	}{
		{"scheduled", "scheduled", "paused", "scheduled", "cancelled", refused},
		{"queued", "queued", "paused", "queued", "cancelled", refused},
		{"running", "running", "pausing", "running", "cancelling", refused},
		{"retrying", "retrying", "paused", "retrying", "cancelled", refused},
		{"pausing", "pausing", "pausing", "running", "cancelling", refused},
		{"paused", "paused", "paused", "queued", "cancelled", refused},
		{"cancelling", "cancelling", refused, "cancelling", "cancelling", refused},
		{"cancelled", "cancelled", refused, refused, "cancelled", "queued"},
		{"succeeded", "succeeded", refused, refused, refused, "queued"},
		{"failed", "failed", refused, refused, refused, "queued"},

		{"children", "running", "pausing", "running", "cancelling", refused},
		{"children pausing", "pausing", "pausing", "running", "cancelling", refused},
		{"children paused", "paused", "paused", "running", "cancelling", refused},
		{"children cancelled", "cancelling", refused, "cancelling", "cancelling", refused},
		{"finish queued", "running", "paused", "running", "cancelling", refused},
		{"finish running", "running", "pausing", "running", "cancelling", refused},
		{"finish paused", "paused", "paused", "running", "cancelling", refused},
		{"finish of cancelled", "cancelling", refused, "cancelling", "cancelling", refused},
		{"finish of cancelled running", "cancelling", refused, "cancelling", "cancelling", refused},
		{"finish of cancelled failed", "failed", refused, refused, refused, "running"},
	}
	require.Len(t, tests, len(situations))
	for _, tt := range tests {
		t.Run(tt.situation, func(t *testing.T) {
			t.Parallel()
			f := f.For(t)
			for _, verb := range []struct {
				name string
				do   storetest.Verb
				want retailq.State
			}{
				{"pause", f.Ledger.Pause, tt.pause}, {"resume", f.Ledger.Resume, tt.resume},
				{"cancel", f.Ledger.Cancel, tt.cancel}, {"requeue", f.Ledger.Requeue, tt.requeue},
			} {
				id := situations[tt.situation](f)
				before := f.Job(id)
				require.Equal(t, tt.before, before.State)
				_, err := verb.do(t.Context(), storetest.Order(id))
				if verb.want == refused {
					require.ErrorIs(t, err, retailq.ErrConflict, verb.name)
					require.Equal(t, before, f.Job(id), verb.name)
					continue
				}
				require.NoError(t, err, verb.name)
				require.Equal(t, verb.want, f.Job(id).State, verb.name)
				_, err = verb.do(t.Context(), storetest.Order(id))
				if verb.name == "requeue" {
					require.ErrorIs(t, err, retailq.ErrConflict, "requeue twice")
					continue
				}
				require.NoError(t, err, "%s twice", verb.name)
				require.Equal(t, verb.want, f.Job(id).State, "%s twice", verb.name)
			}
		})
	}
}

// TestWishOnAHeldJobKeepsTheFence: the worker may still commit what it is doing.
func TestWishOnAHeldJobKeepsTheFence(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	for _, verb := range []storetest.Verb{f.Ledger.Pause, f.Ledger.Resume, f.Ledger.Cancel} {
		f.Steer(verb, job.ID)
		require.NoError(t, f.Ledger.Commit(t.Context(), job.Fence(), func(*store.Tx) (store.Checkpoint, error) {
			return store.Checkpoint{}, nil
		}))
	}
	f.End(job, store.HandedBack("handed back"))
	require.Equal(t, retailq.Cancelled, f.Job(job.ID).State)
}

func TestVerbsVoidDeliveriesUnderWay(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	id := f.Create().ID
	stale := f.Delivery(id)
	f.Steer(f.Ledger.Pause, id)
	fresh := f.Steer(f.Ledger.Resume, id)
	_, err := f.Ledger.Claim(t.Context(), stale, f.Worker())
	require.ErrorIs(t, err, retailq.ErrFenced)
	require.Equal(t, []retailq.Delivery{f.Delivery(id)}, fresh)
	_, err = f.Ledger.Claim(t.Context(), fresh[0], f.Worker())
	require.NoError(t, err)
}

func TestResumeKeepsTheMomentOfAScheduledJob(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Create(func(n *store.NewJob) { n.Delay = time.Hour })
	f.Steer(f.Ledger.Pause, job.ID)
	require.Empty(t, f.Steer(f.Ledger.Resume, job.ID))
	got := f.Job(job.ID)
	require.Equal(t, retailq.Scheduled, got.State)
	require.Equal(t, job.RunAt, got.RunAt)
}

func TestChildrenAreSteeredThroughTheirParent(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(1, 1)
	child := f.Children(parent.ID)[0]
	for _, verb := range []storetest.Verb{f.Ledger.Pause, f.Ledger.Resume, f.Ledger.Cancel, f.Ledger.Requeue} {
		_, err := verb(t.Context(), storetest.Order(child.ID))
		require.ErrorIs(t, err, retailq.ErrConflict)
		var told *retailq.Error
		require.ErrorAs(t, err, &told)
		require.Equal(t, "job_is_child", told.Code)
		require.Contains(t, told.Hint, parent.ID.String())
	}
	require.Equal(t, child, f.Job(child.ID))
}

func TestOrdersAreOfOneTenant(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Create()
	for _, verb := range []storetest.Verb{f.Ledger.Pause, f.Ledger.Resume, f.Ledger.Cancel, f.Ledger.Requeue} {
		order := storetest.Order(job.ID)
		order.TenantID = f.NewTenant().ID
		_, err := verb(t.Context(), order)
		require.ErrorIs(t, err, retailq.ErrNotFound)
		_, err = verb(t.Context(), storetest.Order(retailq.NewID()))
		require.ErrorIs(t, err, retailq.ErrNotFound)
	}
	require.Equal(t, job, f.Job(job.ID))
	order := storetest.Order(job.ID)
	order.TenantID = f.Tenant.ID
	_, err := f.Ledger.Pause(t.Context(), order)
	require.NoError(t, err)
}

func TestHistorySaysWhoAskedAndWhy(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Create()
	f.Steer(f.Ledger.Pause, job.ID)
	_, err := f.Ledger.Resume(t.Context(), store.Order{JobID: job.ID, Actor: "b@example.com"})
	require.NoError(t, err)
	events, err := f.Ledger.Events(t.Context(), job.ID, 0, 10)
	require.NoError(t, err)
	require.Len(t, events, 3)
	require.Equal(t, "pause", events[1].Type)
	require.Equal(t, "operator@example.com", events[1].Actor)
	require.JSONEq(t, `{"reason": "test"}`, string(events[1].Data))
	require.Equal(t, "b@example.com", events[2].Actor)
	require.Nil(t, events[2].Data)
}

func TestRequeueForgivesAndKeeps(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	require.NoError(t, f.Ledger.Commit(t.Context(), job.Fence(), func(*store.Tx) (store.Checkpoint, error) {
		return store.Checkpoint{Cursor: 7, Counters: retailq.Counters{"rows": 7}}, nil
	}))
	f.Fail(job)
	f.Steer(f.Ledger.Requeue, job.ID)
	got := f.Claim(job.ID)
	require.Zero(t, got.Failures)
	require.Nil(t, got.Failure)
	require.Nil(t, got.FinishedAt)
	require.Equal(t, "7", string(got.Cursor), "it goes on where it stopped")
	require.Equal(t, retailq.Counters{"rows": 7}, got.Counters)
	require.Equal(t, []string{"created", "started", "failed", "requeue", "started"}, eventTypes(t, f, job.ID))
}

func TestRequeueOfAUniqueJobWhoseKeyIsTaken(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	unique := func(n *store.NewJob) { n.UniqueKey = "monthly" }
	job := f.Claim(f.Create(unique).ID)
	f.Fail(job)
	second := f.Create(unique)
	_, err := f.Ledger.Requeue(t.Context(), storetest.Order(job.ID))
	require.ErrorIs(t, err, retailq.ErrConflict)
	f.Steer(f.Ledger.Cancel, second.ID)
	f.Steer(f.Ledger.Requeue, job.ID)
	require.Equal(t, retailq.Queued, f.Job(job.ID).State)
}
