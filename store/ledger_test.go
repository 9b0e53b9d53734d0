package store_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

func TestCreatedJobIsQueuedWithWhatWasAsked(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	id := retailq.NewID()
	job := f.Create(func(n *store.NewJob) { n.ID, n.Args = id, map[string]any{"file": "a.csv"} })

	require.Equal(t, job, f.Job(id), "what is returned is what is stored")
	require.Equal(t, retailq.Queued, job.State)
	require.Equal(t, retailq.StagePerform, job.Stage)
	require.Equal(t, f.Tenant.ID, job.TenantID)
	require.JSONEq(t, `{"file": "a.csv"}`, string(job.Args))
	require.Equal(t, 3, job.MaxAttempts)
	require.Equal(t, "tester", job.CreatedBy)
	require.Zero(t, job.Epoch)
	require.Equal(t, int64(1), job.Version)
	require.Nil(t, job.StartedAt)
	require.Equal(t, retailq.Counters{}, job.Counters)
	require.Equal(t, []string{"created"}, eventTypes(t, f, id))
}

func TestJobOfThePlatformHasNoTenant(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Create(func(n *store.NewJob) { n.TenantID = retailq.ID{} })
	require.True(t, job.TenantID.IsZero())
	encoded, err := json.Marshal(job)
	require.NoError(t, err)
	require.NotContains(t, string(encoded), "tenant_id")
}

func TestDelayedJobIsScheduled(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Create(func(n *store.NewJob) { n.Delay = time.Hour })
	require.Equal(t, retailq.Scheduled, job.State)
	require.WithinDuration(t, job.CreatedAt.Add(time.Hour), job.RunAt, time.Second)
	_, err := f.Ledger.Claim(t.Context(), f.Delivery(job.ID), f.Worker())
	require.ErrorIs(t, err, retailq.ErrFenced)
}

func TestUniqueKeyReturnsTheUnfinishedJob(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	unique := func(n *store.NewJob) { n.UniqueKey = "monthly" }
	first := f.Create(unique)
	require.Equal(t, first.ID, f.Create(unique).ID)
	require.NotEqual(t, first.ID, f.Create(unique, func(n *store.NewJob) { n.Kind = "other" }).ID, "keys are of a kind")
	require.Equal(t, []string{"created"}, eventTypes(t, f, first.ID))

	f.Succeed(f.Claim(first.ID))
	require.NotEqual(t, first.ID, f.Create(unique).ID, "a finished job frees its key")
}

func TestUniqueKeyUnderRace(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	const racers = 16
	ids := make([]retailq.ID, racers)
	errs := make([]error, racers)
	race(racers, func(i int) {
		errs[i] = f.DB.InTx(t.Context(), func(tx *store.Tx) error {
			job, _, err := tx.CreateJob(t.Context(), store.NewJob{
				Kind: "test", Queue: "default", MaxAttempts: 1, UniqueKey: "one", CreatedBy: "racer",
			})
			if err == nil {
				ids[i] = job.ID
			}
			return err
		})
	})
	for i := range racers {
		require.NoError(t, errs[i])
		require.Equal(t, ids[0], ids[i])
	}
	require.Equal(t, int64(1), f.Int(`SELECT count(*) FROM jobs`))
}

// A unique job may finish between the refusal to insert and the look for what was in the way.
func TestUniqueKeyWhileJobsFinish(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	const racers, rounds = 4, 25
	errs := make([]error, racers)
	race(racers, func(i int) {
		for range rounds {
			err := f.DB.InTx(t.Context(), func(tx *store.Tx) error {
				job, _, err := tx.CreateJob(t.Context(), store.NewJob{
					Kind: "test", Queue: "default", MaxAttempts: 1, UniqueKey: "one", CreatedBy: "racer",
				})
				if err == nil && job == nil {
					t.Error("neither job nor error")
				}
				return err
			})
			if err == nil {
				_, err = f.SQL.Exec(t.Context(),
					`UPDATE jobs SET state = 'succeeded' WHERE unique_key = 'one' AND state = 'queued'`)
			}
			if err != nil {
				errs[i] = err
				return
			}
		}
	})
	for _, err := range errs {
		require.NoError(t, err)
	}
}

func TestOneOfManyClaimsWins(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Create()
	const racers = 20
	delivery, worker := f.Delivery(job.ID), f.Worker()
	won := make([]*retailq.Job, racers)
	errs := make([]error, racers)
	race(racers, func(i int) { won[i], errs[i] = f.Ledger.Claim(t.Context(), delivery, worker) })

	var winner *retailq.Job
	for i := range racers {
		if errs[i] != nil {
			require.ErrorIs(t, errs[i], retailq.ErrFenced)
			require.Nil(t, won[i])
			continue
		}
		require.Nil(t, winner, "a second claim succeeded")
		winner = won[i]
	}
	require.NotNil(t, winner)
	require.Equal(t, retailq.Running, winner.State)
	require.Equal(t, job.Epoch+1, winner.Epoch)
	require.Equal(t, worker, winner.WorkerID)
	require.NotNil(t, winner.StartedAt)
	require.Equal(t, winner, f.Job(job.ID))
	require.Equal(t, []string{"created", "started"}, eventTypes(t, f, job.ID))
}

func TestStaleDeliveryIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Create()
	for _, d := range []retailq.Delivery{
		{JobID: job.ID, Epoch: job.Epoch - 1}, {JobID: job.ID, Epoch: job.Epoch + 1}, {JobID: retailq.NewID()},
	} {
		_, err := f.Ledger.Claim(t.Context(), d, f.Worker())
		require.ErrorIs(t, err, retailq.ErrFenced)
	}
	require.Equal(t, job, f.Job(job.ID))
}

func TestStartedAtIsOfTheFirstAttempt(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Create()
	first := f.Claim(job.ID)
	f.End(first, store.HandedBack("handed back"))
	require.Equal(t, first.StartedAt, f.Claim(job.ID).StartedAt)
}

func TestReportProgress(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	want := retailq.Progress{Phase: "scanning", Done: 5, Total: 10}
	require.NoError(t, f.Ledger.ReportProgress(t.Context(), job.Fence(), want))
	got := f.Job(job.ID)
	require.Equal(t, want, got.Progress)
	require.Greater(t, got.Version, job.Version)

	f.Succeed(job)
	require.ErrorIs(t, f.Ledger.ReportProgress(t.Context(), job.Fence(), want), retailq.ErrFenced)
}

func TestHistoryIsPaged(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Claim(f.Create().ID)
	f.Succeed(job)
	all, err := f.Ledger.Events(t.Context(), job.ID, 0, 10)
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, "tester", all[0].Actor)
	require.JSONEq(t, `{"worker": "`+job.WorkerID.String()+`", "epoch": 1, "stage": "perform"}`, string(all[1].Data))

	rest, err := f.Ledger.Events(t.Context(), job.ID, all[0].ID, 1)
	require.NoError(t, err)
	require.Equal(t, all[1:2], rest)
}

func TestJobsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	var ids []retailq.ID
	for range 5 {
		ids = append([]retailq.ID{f.Create().ID}, ids...)
	}
	other := f.Create(func(n *store.NewJob) { n.Kind, n.Delay = "other", time.Hour })

	require.Equal(t, ids, listJobs(t, f, store.JobFilter{Kind: "test"}, store.Page{Limit: 10}))
	require.Equal(t, ids[:2], listJobs(t, f, store.JobFilter{Kind: "test"}, store.Page{Limit: 2}))
	require.Equal(t, ids[2:], listJobs(t, f, store.JobFilter{Kind: "test"}, store.Page{Limit: 10, Before: ids[1]}))
	scheduled := listJobs(t, f, store.JobFilter{State: retailq.Scheduled}, store.Page{Limit: 10})
	require.Equal(t, []retailq.ID{other.ID}, scheduled)
	require.Empty(t, listJobs(t, f, store.JobFilter{TenantID: f.NewTenant().ID}, store.Page{Limit: 10}))

	found, err := f.Ledger.JobsByID(t.Context(), []retailq.ID{ids[0], retailq.NewID(), other.ID})
	require.NoError(t, err)
	require.Len(t, found, 2)
}

func TestChildrenAreListedInTheirOrderOnly(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	parent := f.Spawn(5, 2)
	require.Equal(t, []retailq.ID{parent.ID}, listJobs(t, f, store.JobFilter{}, store.Page{Limit: 10}))
	children := f.Children(parent.ID)
	for i, c := range children {
		require.Equal(t, i, c.Seq)
		require.Equal(t, parent.ID, c.ParentID)
		require.Equal(t, parent.TenantID, c.TenantID)
	}
	require.Equal(t, []retailq.ID{children[2].ID, children[3].ID},
		listJobs(t, f, store.JobFilter{Parent: parent.ID}, store.Page{Limit: 2, Before: children[1].ID}))
}

func listJobs(t *testing.T, f *storetest.Fixture, filter store.JobFilter, page store.Page) []retailq.ID {
	t.Helper()
	jobs, err := f.Ledger.Jobs(t.Context(), filter, page)
	require.NoError(t, err)
	ids := make([]retailq.ID, len(jobs))
	for i, j := range jobs {
		ids[i] = j.ID
	}
	return ids
}

func eventTypes(t *testing.T, f *storetest.Fixture, id retailq.ID) []string {
	t.Helper()
	events, err := f.Ledger.Events(t.Context(), id, 0, 1000)
	require.NoError(t, err)
	types := make([]string, len(events))
	for i, e := range events {
		types[i] = e.Type
	}
	return types
}

// race runs do n times at once and waits for all.
func race(n int, do func(i int)) {
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	all.Wait()
}
