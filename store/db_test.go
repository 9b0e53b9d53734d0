package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack"
	"retailq/internal/devstack/devstacktest"
	"retailq/store"
	"retailq/store/storetest"
)

// nobody is an address at which nothing listens.
const nobody = "postgres://retailq@127.0.0.1:1/retailq?connect_timeout=1"

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), "postgres://user:secret@%zz", store.Options{})
	require.ErrorIs(t, err, retailq.ErrInvalid)
	require.NotContains(t, err.Error(), "secret")
	_, err = store.Open(t.Context(), nobody, store.Options{})
	require.ErrorIs(t, err, retailq.ErrUnavailable)
}

func TestOptionsReachTheServer(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	db, err := store.Open(t.Context(), f.URL, store.Options{MaxConns: 3, Name: "retailq worker"})
	require.NoError(t, err)
	defer db.Close()
	require.Equal(t, int32(3), db.Stats().Max)
	require.Equal(t, int64(1), f.Int(`SELECT count(*) FROM pg_stat_activity
		WHERE application_name = 'retailq worker' AND datname = current_database()`))
}

func TestStatementEndedByItsContextIsCanceled(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	job := f.Create()
	held, release := context.WithCancel(t.Context())
	locked := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- f.DB.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Repeated(t.Context(), store.Idempotency{Scope: "s", Key: "k"})
			close(locked)
			<-held.Done()
			return err
		})
	}()
	<-locked
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	go func() {
		waiting <- f.DB.InTx(ctx, func(tx *store.Tx) error {
			_, err := tx.Repeated(ctx, store.Idempotency{Scope: "s", Key: "k"})
			return err
		})
	}()
	require.Eventually(t, func() bool {
		return f.Int(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`) == 1
	}, 10*time.Second, 10*time.Millisecond)
	cancel()
	err := <-waiting
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, retailq.ErrUnavailable)
	release()
	require.NoError(t, <-done)
	require.Equal(t, job, f.Job(job.ID))

	expired, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	_, err = f.Ledger.Job(expired, job.ID)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// Conditions that may pass are ErrUnavailable, whichever way the server says so.
func TestPassingConditionsAreUnavailable(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	for _, code := range []string{"40001", "40P01", "55P03", "57014", "57P01", "53300", "08006", "25006"} {
		err := raise(t, f, code)
		require.ErrorIs(t, err, retailq.ErrUnavailable, code)
	}
	for _, code := range []string{"23514", "22021", "42601", "P0001"} {
		err := raise(t, f, code)
		require.Error(t, err, code)
		require.NotErrorIs(t, err, retailq.ErrUnavailable, code)
	}
}

// raise makes the database answer an insert with the given SQLSTATE.
func raise(t *testing.T, f *storetest.Fixture, code string) error {
	t.Helper()
	f.Exec(`CREATE OR REPLACE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '` + code + `'; END $$`)
	f.Exec(`CREATE OR REPLACE TRIGGER raise BEFORE INSERT ON tenants EXECUTE FUNCTION raise()`)
	_, err := f.DB.CreateTenant(t.Context(), retailq.Tenant{Slug: "x", Country: "BD", TimeZone: "UTC"})
	return err
}

func TestKilledBackendIsUnavailable(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	err := f.DB.InTx(t.Context(), func(tx *store.Tx) error {
		f.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = 'retailq test' AND datname = current_database()`)
		_, _, err := tx.CreateJob(t.Context(), store.NewJob{Kind: "test", Queue: "default", MaxAttempts: 1, CreatedBy: "t"})
		return err
	})
	require.ErrorIs(t, err, retailq.ErrUnavailable)
	require.NoError(t, f.DB.Ping(t.Context()), "the pool recovers by itself")
}

func TestDeadlockIsUnavailable(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	var met [2]chan struct{}
	met[0], met[1] = make(chan struct{}), make(chan struct{})
	errs := make([]error, 2)
	race(2, func(i int) {
		errs[i] = f.DB.InTx(t.Context(), func(tx *store.Tx) error {
			keys := []string{"a", "b"}
			_, err := tx.Repeated(t.Context(), store.Idempotency{Scope: "s", Key: keys[i]})
			close(met[i])
			<-met[1-i]
			if err == nil {
				_, err = tx.Repeated(t.Context(), store.Idempotency{Scope: "s", Key: keys[1-i]})
			}
			return err
		})
	})
	victim, survivor := errs[0], errs[1]
	if victim == nil {
		victim, survivor = survivor, victim
	}
	require.ErrorIs(t, victim, retailq.ErrUnavailable)
	require.NoError(t, survivor)
}

func TestServerThatIsGoneIsUnavailableUntilItIsBack(t *testing.T) {
	t.Parallel()
	stack := devstacktest.Private(t, devstack.PartPostgres)
	f := storetest.At(t, stack.DatabaseURL)
	job := f.Create()
	require.NoError(t, stack.Postgres.Kill())
	_, err := f.Ledger.Job(t.Context(), job.ID)
	require.ErrorIs(t, err, retailq.ErrUnavailable)
	require.ErrorIs(t, f.DB.Ping(t.Context()), retailq.ErrUnavailable)
	require.NoError(t, stack.Postgres.Start(t.Context()))
	require.NoError(t, f.DB.Ping(t.Context()))
}
