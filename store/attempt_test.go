package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

// writeRetailer is work that leaves a trace in the tenant's data.
func writeRetailer(t *testing.T, f *storetest.Fixture, tx *store.Tx, uid string) error {
	t.Helper()
	var rows store.Rows
	rows.Append([]byte(uid), []byte("name of "+uid))
	_, err := tx.Tenant(f.Tenant.ID).UpsertRetailers(t.Context(), []string{"uid", "name"}, &rows)
	return err
}

func retailers(f *storetest.Fixture) int64 { return f.Int(`SELECT count(*) FROM retailers`) }

func TestCommitKeepsDataAndCheckpointTogether(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	for i, uid := range []string{"a", "b"} {
		require.NoError(t, f.Ledger.Commit(t.Context(), job.Fence(), func(tx *store.Tx) (store.Checkpoint, error) {
			return store.Checkpoint{
				Cursor: map[string]int{"line": i + 1}, Progress: retailq.Progress{Phase: "p", Done: int64(i + 1), Total: 2},
				Counters: retailq.Counters{"created": 1, "kind " + uid: 5},
			}, writeRetailer(t, f, tx, uid)
		}))
	}
	got := f.Job(job.ID)
	require.JSONEq(t, `{"line": 2}`, string(got.Cursor))
	require.Equal(t, retailq.Counters{"created": 2, "kind a": 5, "kind b": 5}, got.Counters)
	require.Equal(t, retailq.Progress{Phase: "p", Done: 2, Total: 2}, got.Progress)
	require.Equal(t, job.Version+2, got.Version)
	require.Equal(t, job.Epoch, got.Epoch)
	require.Equal(t, int64(2), retailers(f))
}

func TestFencedWorkVanishesWithItsCheckpoint(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	zombie := job.Fence()
	f.End(job, store.HandedBack("handed back"))
	now := f.Job(job.ID)

	err := f.Ledger.Commit(t.Context(), zombie, func(tx *store.Tx) (store.Checkpoint, error) {
		return store.Checkpoint{Cursor: 1, Counters: retailq.Counters{"created": 1}}, writeRetailer(t, f, tx, "a")
	})
	require.ErrorIs(t, err, retailq.ErrFenced)
	require.True(t, store.IsFenced(err))
	_, err = f.Ledger.End(t.Context(), zombie, func(tx *store.Tx) (store.Ending, error) {
		return store.Ending{State: retailq.Succeeded, Event: "succeeded"}, writeRetailer(t, f, tx, "b")
	})
	require.ErrorIs(t, err, retailq.ErrFenced)
	_, err = f.Ledger.Spawn(t.Context(), zombie, func(tx *store.Tx) (store.Children, error) {
		c, _ := storetest.Children(3, 1)(tx)
		return c, writeRetailer(t, f, tx, "c")
	})
	require.ErrorIs(t, err, retailq.ErrFenced)

	require.Equal(t, now, f.Job(job.ID))
	require.Zero(t, retailers(f))
	require.Equal(t, int64(1), f.Int(`SELECT count(*) FROM jobs`))
	require.Equal(t, []string{"created", "started", "handed back"}, eventTypes(t, f, job.ID))
}

func TestFailedWorkCommitsNothing(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	broken := errors.New("broken")
	err := f.Ledger.Commit(t.Context(), job.Fence(), func(tx *store.Tx) (store.Checkpoint, error) {
		require.NoError(t, writeRetailer(t, f, tx, "a"))
		return store.Checkpoint{Cursor: 1}, broken
	})
	require.ErrorIs(t, err, broken)
	require.Equal(t, job, f.Job(job.ID))
	require.Zero(t, retailers(f))
}

func TestEndings(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	tests := []struct {
		ending   store.Ending
		want     retailq.State
		finished bool
		failures int
		rung     bool
		event    string
	}{
		{store.Ending{State: retailq.Succeeded, Event: "succeeded"}, retailq.Succeeded, true, 0, false, "succeeded"},
		{store.Ending{State: retailq.Failed, Event: "failed", Burn: true, Failure: storetest.Broken()},
			retailq.Failed, true, 1, false, "failed"},
		{store.Ending{State: retailq.Retrying, Event: "retrying", Burn: true, Delay: time.Hour, Failure: storetest.Broken()},
			retailq.Retrying, false, 1, false, "retrying"},
		{store.Ending{State: retailq.Queued, Event: "handed back"}, retailq.Queued, false, 0, true, "handed back"},
	}
	for _, tt := range tests {
		t.Run(string(tt.want), func(t *testing.T) {
			t.Parallel()
			f := f.For(t)
			job := f.Claim(f.Create().ID)
			deliveries := f.End(job, tt.ending)
			got := f.Job(job.ID)
			require.Equal(t, tt.want, got.State)
			require.Equal(t, tt.finished, got.FinishedAt != nil)
			require.Equal(t, tt.failures, got.Failures)
			require.Equal(t, tt.ending.Failure, got.Failure)
			require.Equal(t, job.Epoch+1, got.Epoch)
			require.True(t, got.WorkerID.IsZero())
			require.WithinDuration(t, got.UpdatedAt.Add(tt.ending.Delay), got.RunAt, time.Millisecond)
			require.Equal(t, []string{"created", "started", tt.event}, eventTypes(t, f, job.ID))
			if tt.rung {
				require.Equal(t, []retailq.Delivery{f.Delivery(job.ID)}, deliveries)
				return
			}
			require.Empty(t, deliveries)
		})
	}
}

func TestResultReplacesAnEarlierFailure(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	id := f.Create().ID
	f.Retry(f.Claim(id), 0)
	require.Equal(t, storetest.Broken(), f.Job(id).Failure, "what went wrong shows while the job waits")
	_, err := f.Ledger.Due(t.Context(), 10)
	require.NoError(t, err)

	job := f.Claim(id)
	require.Equal(t, 1, job.Failures)
	f.End(job, store.Ending{
		State: retailq.Succeeded, Event: "succeeded",
		Result: map[string]int{"rows": 7}, Counters: retailq.Counters{"read": 7},
	})
	got := f.Job(id)
	require.JSONEq(t, `{"rows": 7}`, string(got.Result))
	require.Nil(t, got.Failure)
	require.Equal(t, 1, got.Failures)
	require.Equal(t, retailq.Counters{"read": 7}, got.Counters)
}

func TestCountersAddUpOverAttempts(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	id := f.Create().ID
	for range 3 {
		job := f.Claim(id)
		require.NoError(t, f.Ledger.Commit(t.Context(), job.Fence(), func(*store.Tx) (store.Checkpoint, error) {
			return store.Checkpoint{Counters: retailq.Counters{"rows": 10}}, nil
		}))
		f.End(job, store.Ending{State: retailq.Queued, Event: "handed back", Counters: retailq.Counters{"rows": 1}})
	}
	require.Equal(t, retailq.Counters{"rows": 33}, f.Job(id).Counters)
}

func TestFailureShowsInTheHistory(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	f.Retry(job, time.Minute)
	events, err := f.Ledger.Events(t.Context(), job.ID, 0, 10)
	require.NoError(t, err)
	last := events[len(events)-1]
	require.Equal(t, "retrying", last.Type)
	require.Contains(t, string(last.Data), `"code": "broken"`)
	require.Contains(t, string(last.Data), `"retry_at"`)
}

// An attempt that ends on its own account may not know yet what has been wished of its job; the wish still counts.
func TestWishThatTheAttemptDidNotHearIsKept(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	tests := []struct {
		name   string
		wish   storetest.Verb
		ending store.Ending
		want   retailq.State
	}{
		{"cancelled when handed back", f.Ledger.Cancel, store.HandedBack("handed back"), retailq.Cancelled},
		{"paused when handed back", f.Ledger.Pause, store.HandedBack("handed back"), retailq.Paused},
		{"cancelled when retrying", f.Ledger.Cancel,
			store.Ending{State: retailq.Retrying, Event: "retrying", Burn: true}, retailq.Cancelled},
		{"paused when retrying", f.Ledger.Pause,
			store.Ending{State: retailq.Retrying, Event: "retrying", Burn: true}, retailq.Paused},
		{"failed all the same", f.Ledger.Pause,
			store.Ending{State: retailq.Failed, Event: "failed", Failure: storetest.Broken()}, retailq.Failed},
		{"succeeded all the same", f.Ledger.Cancel,
			store.Ending{State: retailq.Succeeded, Event: "succeeded"}, retailq.Succeeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := f.For(t)
			job := f.Claim(f.Create().ID)
			f.Steer(tt.wish, job.ID)
			require.Empty(t, f.End(job, tt.ending))
			got := f.Job(job.ID)
			require.Equal(t, tt.want, got.State)
			require.Equal(t, got.State.Finished(), got.FinishedAt != nil)
			require.Equal(t, retailq.NoWish, got.Wish)
			types := eventTypes(t, f, job.ID)
			require.Equal(t, string(tt.want), types[len(types)-1])
		})
	}
}

// A worker obeys a pause that has been taken back in the meantime.
func TestPauseTakenBackWhileItIsObeyed(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	f.Steer(f.Ledger.Pause, job.ID)
	f.Steer(f.Ledger.Resume, job.ID)
	deliveries := f.End(job, store.HandedBack("handed back"))
	require.Equal(t, []retailq.Delivery{f.Delivery(job.ID)}, deliveries)
	require.Equal(t, retailq.Queued, f.Job(job.ID).State)
}
