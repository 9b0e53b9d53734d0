// Package storetest gives tests a fresh database with one tenant, and short ways to bring jobs into any state through
// the ledger itself.
package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack/devstacktest"
	"retailq/store"
)

// Fixture is a database of one test. Its methods fail the test, so they belong on the test's own goroutine.
type Fixture struct {
	DB     *store.DB
	Ledger *store.Ledger
	Tenant retailq.Tenant
	// URL is the database's.
	URL string
	// SQL looks at rows behind the code under test.
	SQL *pgxpool.Pool

	t testing.TB
}

// New returns a fresh database with one tenant. It is closed and dropped with the test.
func New(t testing.TB) *Fixture {
	t.Helper()
	return At(t, devstacktest.Postgres(t))
}

// At is New for a database that exists already and has the schema.
func At(t testing.TB, url string) *Fixture {
	t.Helper()
	db, err := store.Open(t.Context(), url, store.Options{Name: "retailq test"})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	sql, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(sql.Close)
	f := &Fixture{DB: db, Ledger: db.Ledger(), URL: url, SQL: sql, t: t}
	f.Tenant = f.NewTenant()
	return f
}

// For returns the same fixture for a subtest.
func (f *Fixture) For(t testing.TB) *Fixture {
	t.Helper()
	sub := *f
	sub.t = t
	return &sub
}

// NewTenant creates another tenant.
func (f *Fixture) NewTenant() retailq.Tenant {
	f.t.Helper()
	tenant, err := f.DB.CreateTenant(f.t.Context(), retailq.Tenant{
		Slug: "t-" + strings.ToLower(retailq.NewID().String()), Name: "Test", Country: "BD", TimeZone: "Asia/Dhaka",
	})
	require.NoError(f.t, err)
	return tenant
}

// Exec runs SQL behind the code under test.
func (f *Fixture) Exec(sql string, args ...any) {
	f.t.Helper()
	_, err := f.SQL.Exec(f.t.Context(), sql, args...)
	require.NoError(f.t, err)
}

// Int returns the number that a query selects.
func (f *Fixture) Int(sql string, args ...any) int64 {
	f.t.Helper()
	var n int64
	require.NoError(f.t, f.SQL.QueryRow(f.t.Context(), sql, args...).Scan(&n))
	return n
}

// Create creates a job of the tenant; what change leaves alone is a job of kind "test" with three attempts.
func (f *Fixture) Create(change ...func(*store.NewJob)) *retailq.Job {
	f.t.Helper()
	n := store.NewJob{TenantID: f.Tenant.ID, Kind: "test", Queue: "default", MaxAttempts: 3, CreatedBy: "tester"}
	for _, c := range change {
		c(&n)
	}
	var job *retailq.Job
	require.NoError(f.t, f.DB.InTx(f.t.Context(), func(tx *store.Tx) (err error) {
		job, _, err = tx.CreateJob(f.t.Context(), n)
		return err
	}))
	return job
}

// Worker registers a worker process that is alive.
func (f *Fixture) Worker() retailq.ID {
	f.t.Helper()
	id := retailq.NewID()
	_, err := f.Ledger.Beat(f.t.Context(), store.Worker{ID: id, Host: "test", PID: 1, Version: "test", Concurrency: 1})
	require.NoError(f.t, err)
	return id
}

// Claim takes a queued job for a worker of its own.
func (f *Fixture) Claim(id retailq.ID) *retailq.Job {
	f.t.Helper()
	job, err := f.Ledger.Claim(f.t.Context(), f.Delivery(id), f.Worker())
	require.NoError(f.t, err)
	return job
}

// Delivery returns the delivery that a job is queued for.
func (f *Fixture) Delivery(id retailq.ID) retailq.Delivery {
	f.t.Helper()
	job := f.Job(id)
	return retailq.Delivery{JobID: id, Epoch: job.Epoch, Queue: job.Queue}
}

// Job reads a job.
func (f *Fixture) Job(id retailq.ID) *retailq.Job {
	f.t.Helper()
	job, err := f.Ledger.Job(f.t.Context(), id)
	require.NoError(f.t, err)
	return job
}

// End ends the attempt of a claimed job.
func (f *Fixture) End(job *retailq.Job, e store.Ending) []retailq.Delivery {
	f.t.Helper()
	deliveries, err := f.Ledger.End(f.t.Context(), job.Fence(), Ending(e))
	require.NoError(f.t, err)
	return deliveries
}

// Succeed ends the attempt of a claimed job as done.
func (f *Fixture) Succeed(job *retailq.Job) []retailq.Delivery {
	f.t.Helper()
	return f.End(job, store.Ending{State: retailq.Succeeded, Event: "succeeded"})
}

// Fail ends the attempt of a claimed job for good.
func (f *Fixture) Fail(job *retailq.Job) []retailq.Delivery {
	f.t.Helper()
	return f.End(job, store.Ending{State: retailq.Failed, Event: "failed", Burn: true, Failure: Broken()})
}

// Retry ends the attempt of a claimed job, to be repeated after the delay.
func (f *Fixture) Retry(job *retailq.Job, delay time.Duration) {
	f.t.Helper()
	f.End(job, store.Ending{State: retailq.Retrying, Event: "retrying", Burn: true, Delay: delay, Failure: Broken()})
}

// Spawn creates a parent with n children, of which window may be under way at once, and lets go of it.
func (f *Fixture) Spawn(n, window int) *retailq.Job {
	f.t.Helper()
	parent := f.Claim(f.Create().ID)
	_, err := f.Ledger.Spawn(f.t.Context(), parent.Fence(), Children(n, window))
	require.NoError(f.t, err)
	return f.Job(parent.ID)
}

// Children lists the children of a job in their order.
func (f *Fixture) Children(parent retailq.ID) []*retailq.Job {
	f.t.Helper()
	children, err := f.Ledger.Jobs(f.t.Context(), store.JobFilter{Parent: parent}, store.Page{Limit: 1000})
	require.NoError(f.t, err)
	return children
}

// Ending is work for [store.Ledger.End] that does nothing but end.
func Ending(e store.Ending) func(*store.Tx) (store.Ending, error) {
	return func(*store.Tx) (store.Ending, error) { return e, nil }
}

// Children is work for [store.Ledger.Spawn] that does nothing but spawn.
func Children(n, window int) func(*store.Tx) (store.Children, error) {
	args := make([]any, n)
	for i := range args {
		args[i] = map[string]int{"n": i}
	}
	return func(*store.Tx) (store.Children, error) {
		return store.Children{
			Kind: "test.child", Queue: "bulk", MaxAttempts: 2, Window: window, Args: args,
			Progress: retailq.Progress{Phase: "working", Total: int64(n)},
		}, nil
	}
}

// Order is an order by an operator.
func Order(id retailq.ID) store.Order {
	return store.Order{JobID: id, Actor: "operator@example.com", Reason: "test"}
}

// Verb is one of the ledger's verbs.
type Verb = func(context.Context, store.Order) ([]retailq.Delivery, error)

// Steer gives a verb to a job.
func (f *Fixture) Steer(verb Verb, id retailq.ID) []retailq.Delivery {
	f.t.Helper()
	deliveries, err := verb(f.t.Context(), Order(id))
	require.NoError(f.t, err)
	return deliveries
}

// Broken is a failure.
func Broken() *retailq.Failure { return &retailq.Failure{Code: "broken", Message: "it broke"} }
