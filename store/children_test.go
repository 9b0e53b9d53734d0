package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

// underWay counts the children of a job that take room in its window.
func underWay(f *storetest.Fixture, parent retailq.ID) int64 {
	return f.Int(`SELECT count(*) FROM jobs WHERE parent_id = $1 AND state IN ('queued', 'running', 'retrying')`, parent)
}

// succeedChild ends a claimed child with something to credit.
func succeedChild(f *storetest.Fixture, child *retailq.Job) []retailq.Delivery {
	return f.End(child, store.Ending{
		State: retailq.Succeeded, Event: "succeeded", Counters: retailq.Counters{"rows": 10}, Done: 1,
	})
}

func TestChildrenNeverExceedTheirWindow(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	const children, window = 7, 3
	parent := f.Claim(f.Create().ID)
	ready, err := f.Ledger.Spawn(t.Context(), parent.Fence(), storetest.Children(children, window))
	require.NoError(t, err)
	require.Len(t, ready, window)

	for done := range children {
		require.LessOrEqual(t, underWay(f, parent.ID), int64(window))
		got := f.Job(parent.ID)
		require.Equal(t, retailq.Running, got.State)
		require.Equal(t, retailq.StageChildren, got.Stage)
		require.True(t, got.WorkerID.IsZero(), "no worker waits for children")
		require.Equal(t, retailq.Progress{Phase: "working", Done: int64(done), Total: children}, got.Progress)
		require.Equal(t, int64(done*10), got.Counters["rows"])

		child := f.Claim(ready[0].JobID)
		require.Less(t, child.Seq, done+window, "released in their order")
		more := succeedChild(f, child)
		require.LessOrEqual(t, len(more), 1)
		ready = append(ready[1:], more...)
	}
	require.Equal(t, []retailq.Delivery{f.Delivery(parent.ID)}, ready, "the last child calls for the finish")
	waiting := f.Job(parent.ID)
	require.Equal(t, retailq.Running, waiting.State, "people see no queue in the middle of a job")
	require.Equal(t, retailq.StageFinish, waiting.Stage)

	finish := f.Claim(parent.ID)
	require.Equal(t, retailq.StageFinish, finish.Stage)
	f.Succeed(finish)
	got := f.Job(parent.ID)
	require.Equal(t, retailq.Succeeded, got.State)
	require.Equal(t, retailq.Counters{"rows": children * 10}, got.Counters)
	require.Equal(t, retailq.Progress{Phase: "working", Done: children, Total: children}, got.Progress)
	require.Equal(t, []string{"created", "started", "started", "succeeded"}, eventTypes(t, f, parent.ID))
	require.Empty(t, eventTypes(t, f, f.Children(parent.ID)[0].ID), "children that succeed leave no trace in the history")
}

func TestChildThatWaitsToRetryKeepsItsPlaceInTheWindow(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(3, 1)
	child := f.Claim(f.Children(parent.ID)[0].ID)
	f.Retry(child, 0)
	require.Equal(t, int64(1), underWay(f, parent.ID))

	due, err := f.Ledger.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, []retailq.Delivery{f.Delivery(child.ID)}, due, "children that are not released are never due")
	succeedChild(f, f.Claim(child.ID))
	require.Equal(t, int64(1), underWay(f, parent.ID))
}

func TestParentThatFailedBeforeSpawningIsNotFailing(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	id := f.Create().ID
	f.Retry(f.Claim(id), 0)
	_, err := f.Ledger.Due(t.Context(), 1)
	require.NoError(t, err)
	ready, err := f.Ledger.Spawn(t.Context(), f.Claim(id).Fence(), storetest.Children(2, 2))
	require.NoError(t, err)
	require.Len(t, ready, 2)
	for _, d := range ready {
		succeedChild(f, f.Claim(d.JobID))
	}
	f.Succeed(f.Claim(id))
	require.Equal(t, retailq.Succeeded, f.Job(id).State)
}

func TestNoChildrenLeadStraightToTheFinish(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(0, 1)
	require.Equal(t, retailq.StageFinish, parent.Stage)
	f.Succeed(f.Claim(parent.ID))
	require.Equal(t, retailq.Succeeded, f.Job(parent.ID).State)
}

func TestCountersAndDataOfASpawnAreTheParents(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Claim(f.Create().ID)
	_, err := f.Ledger.Spawn(t.Context(), parent.Fence(), func(tx *store.Tx) (store.Children, error) {
		c, err := storetest.Children(1, 1)(tx)
		require.NoError(t, err)
		c.Counters = retailq.Counters{"read": 10}
		return c, writeRetailer(t, f, tx, "a")
	})
	require.NoError(t, err)
	require.Equal(t, int64(10), f.Job(parent.ID).Counters["read"])
	require.Equal(t, int64(1), retailers(f))
}

func TestFailedChildFailsItsParent(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(4, 2)
	children := f.Children(parent.ID)
	first, second := f.Claim(children[0].ID), f.Claim(children[1].ID)
	require.Empty(t, f.End(first, store.Ending{
		State: retailq.Failed, Event: "failed", Burn: true, Failure: storetest.Broken(),
		Counters: retailq.Counters{"rows": 3}, Done: 1,
	}))
	require.Equal(t, storetest.Broken(), f.Job(parent.ID).Failure)
	require.Empty(t, f.Job(parent.ID).Counters, "only what succeeded is credited")
	require.Zero(t, f.Job(parent.ID).Progress.Done)
	require.Equal(t, []retailq.State{retailq.Failed, retailq.Running, retailq.Cancelled, retailq.Cancelled},
		states(f, parent.ID))

	require.Equal(t, parent.ID, succeedChild(f, second)[0].JobID, "what runs may finish")
	f.Succeed(f.Claim(parent.ID))
	got := f.Job(parent.ID)
	require.Equal(t, retailq.Failed, got.State)
	require.Equal(t, storetest.Broken(), got.Failure)
	require.Equal(t, int64(10), got.Counters["rows"])
	require.Equal(t, []string{"created", "started", "started", "failed"}, eventTypes(t, f, parent.ID))
	require.Equal(t, []string{"failed"}, eventTypes(t, f, first.ID))
}

func TestReasonOfAFailedChildOutlivesARetriedFinish(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(1, 1)
	f.Fail(f.Claim(f.Children(parent.ID)[0].ID))
	f.End(f.Claim(parent.ID), store.Ending{
		State: retailq.Retrying, Event: "retrying", Burn: true, Failure: &retailq.Failure{Code: "other", Message: "x"},
	})
	_, err := f.Ledger.Due(t.Context(), 1)
	require.NoError(t, err)
	f.Succeed(f.Claim(parent.ID))
	require.Equal(t, retailq.Failed, f.Job(parent.ID).State)
	require.Equal(t, storetest.Broken(), f.Job(parent.ID).Failure)
}

func TestChildThatFailsWithoutAReasonFailsItsParentToo(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(2, 1)
	f.End(f.Claim(f.Children(parent.ID)[0].ID), store.Ending{State: retailq.Failed, Event: "failed"})
	require.Equal(t, []retailq.State{retailq.Failed, retailq.Cancelled}, states(f, parent.ID))
	f.Succeed(f.Claim(parent.ID))
	require.Equal(t, retailq.Failed, f.Job(parent.ID).State)
}

func TestPauseWaitsForRunningChildren(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(4, 2)
	running := f.Claim(f.Children(parent.ID)[0].ID)
	stale := f.Delivery(f.Children(parent.ID)[1].ID)

	require.Empty(t, f.Steer(f.Ledger.Pause, parent.ID))
	require.Equal(t, retailq.Pausing, f.Job(parent.ID).State)
	_, err := f.Ledger.Claim(t.Context(), stale, f.Worker())
	require.ErrorIs(t, err, retailq.ErrFenced, "what was queued is parked")

	require.Empty(t, succeedChild(f, running))
	require.Equal(t, retailq.Paused, f.Job(parent.ID).State)
	require.Zero(t, underWay(f, parent.ID))

	require.Len(t, f.Steer(f.Ledger.Resume, parent.ID), 2)
	require.Equal(t, retailq.Running, f.Job(parent.ID).State)
	require.Equal(t, []retailq.State{retailq.Succeeded, retailq.Queued, retailq.Queued, retailq.Scheduled},
		states(f, parent.ID))
}

func TestChildHandedBackToAPausingParentIsParked(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(2, 2)
	children := f.Children(parent.ID)
	back, retried := f.Claim(children[0].ID), f.Claim(children[1].ID)
	f.Steer(f.Ledger.Pause, parent.ID)
	f.End(back, store.HandedBack("handed back"))
	require.Equal(t, retailq.Pausing, f.Job(parent.ID).State)
	f.Retry(retried, 0)
	require.Equal(t, retailq.Paused, f.Job(parent.ID).State)
	require.Equal(t, []retailq.State{retailq.Scheduled, retailq.Scheduled}, states(f, parent.ID))
	due, err := f.Ledger.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, due)
}

func TestResumeWhilePausingReleasesAgain(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(3, 2)
	running := f.Claim(f.Children(parent.ID)[0].ID)
	f.Steer(f.Ledger.Pause, parent.ID)
	require.Len(t, f.Steer(f.Ledger.Resume, parent.ID), 1)
	require.Equal(t, retailq.Running, f.Job(parent.ID).State)
	require.Len(t, succeedChild(f, running), 1)
}

func TestCancelWithChildrenGoesThroughTheFinish(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(3, 2)
	children := f.Children(parent.ID)
	succeedChild(f, f.Claim(children[0].ID))
	running := f.Claim(children[1].ID)
	require.Empty(t, f.Steer(f.Ledger.Cancel, parent.ID))
	require.Equal(t, retailq.Cancelling, f.Job(parent.ID).State)

	ready := f.End(running, store.HandedBack("handed back"))
	require.Equal(t, f.Delivery(parent.ID), ready[len(ready)-1])
	require.Equal(t, []retailq.State{retailq.Succeeded, retailq.Cancelled, retailq.Cancelled}, states(f, parent.ID))
	require.Equal(t, retailq.Cancelling, f.Job(parent.ID).State)
	finish := f.Claim(parent.ID)
	require.Equal(t, retailq.Cancelling, f.Job(parent.ID).State)
	f.Succeed(finish)
	got := f.Job(parent.ID)
	require.Equal(t, retailq.Cancelled, got.State)
	require.Nil(t, got.Failure)
	require.Equal(t, int64(10), got.Counters["rows"], "what was committed stays")
}

func TestRequeueRunsOnlyWhatIsNotDone(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(4, 4)
	children := f.Children(parent.ID)
	succeedChild(f, f.Claim(children[0].ID))
	f.Fail(f.Claim(children[2].ID))
	f.Succeed(f.Claim(parent.ID))
	require.Equal(t, retailq.Failed, f.Job(parent.ID).State)

	require.Len(t, f.Steer(f.Ledger.Requeue, parent.ID), 3)
	got := f.Job(parent.ID)
	require.Equal(t, retailq.Running, got.State)
	require.Equal(t, retailq.StageChildren, got.Stage)
	require.Nil(t, got.Failure)
	require.Nil(t, got.FinishedAt)
	require.Equal(t, []retailq.State{retailq.Succeeded, retailq.Queued, retailq.Queued, retailq.Queued},
		states(f, parent.ID))
	for _, c := range children[1:] {
		claimed := f.Claim(c.ID)
		require.Zero(t, claimed.Failures)
		require.Nil(t, claimed.Failure)
		succeedChild(f, claimed)
	}
	f.Succeed(f.Claim(parent.ID))
	got = f.Job(parent.ID)
	require.Equal(t, retailq.Succeeded, got.State)
	require.Equal(t, retailq.Counters{"rows": 40}, got.Counters)
	require.Equal(t, int64(4), got.Progress.Done)
}

func TestRequeueOfAParentThatOnlyFailedToFinish(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(1, 1)
	succeedChild(f, f.Claim(f.Children(parent.ID)[0].ID))
	f.Fail(f.Claim(parent.ID))
	require.Equal(t, retailq.Failed, f.Job(parent.ID).State)

	require.Len(t, f.Steer(f.Ledger.Requeue, parent.ID), 1)
	finish := f.Claim(parent.ID)
	require.Equal(t, retailq.StageFinish, finish.Stage)
	f.Succeed(finish)
	require.Equal(t, retailq.Succeeded, f.Job(parent.ID).State)
}

func states(f *storetest.Fixture, parent retailq.ID) []retailq.State {
	var list []retailq.State
	for _, c := range f.Children(parent) {
		list = append(list, c.State)
	}
	return list
}
