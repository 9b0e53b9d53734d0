package store_test

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack/devstacktest"
	"retailq/store"
)

// emptyDatabase returns the URL of a database without any schema, beside that of a test.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	migrated := devstacktest.Postgres(t)
	name := "empty_" + strings.ReplaceAll(retailq.NewID().String(), "-", "")
	execSQL(t, migrated, `CREATE DATABASE `+name)
	t.Cleanup(func() { execSQL(t, migrated, `DROP DATABASE `+name+` WITH (FORCE)`) })
	u, err := url.Parse(migrated)
	require.NoError(t, err)
	u.Path = name
	return u.String()
}

func execSQL(t *testing.T, url, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	_, err = db.ExecContext(context.WithoutCancel(t.Context()), statement)
	require.NoError(t, err)
}

func TestMigrateBringsAnEmptyDatabaseUp(t *testing.T) {
	t.Parallel()
	url := emptyDatabase(t)
	requireCode(t, store.CheckSchema(t.Context(), url), "schema_outdated", "retailq migrate up")
	before, err := store.Migrations(t.Context(), url)
	require.NoError(t, err)
	require.Len(t, before, len(steps(t)))
	for _, m := range before {
		require.Nil(t, m.AppliedAt, m.Name)
	}

	require.NoError(t, store.Migrate(t.Context(), url))
	require.NoError(t, store.CheckSchema(t.Context(), url))
	after, err := store.Migrations(t.Context(), url)
	require.NoError(t, err)
	for i, m := range after {
		require.NotNil(t, m.AppliedAt, m.Name)
		require.Equal(t, steps(t)[i], m.Name)
	}
	require.NoError(t, store.Migrate(t.Context(), url), "again")
}

func TestConcurrentMigrationsWaitForOneAnother(t *testing.T) {
	t.Parallel()
	url := emptyDatabase(t)
	const starters = 4
	errs := make([]error, starters)
	race(starters, func(i int) { errs[i] = store.Migrate(t.Context(), url) })
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.NoError(t, store.CheckSchema(t.Context(), url))
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	url := devstacktest.Postgres(t)
	execSQL(t, url, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`)
	for _, err := range []error{store.Migrate(t.Context(), url), store.CheckSchema(t.Context(), url)} {
		requireCode(t, err, "schema_newer", "Deploy a binary")
	}
}

func TestHalfMigratedDatabaseIsOutdated(t *testing.T) {
	t.Parallel()
	url := devstacktest.Postgres(t)
	withGoose(t, url, func(p *goose.Provider) {
		_, err := p.Down(t.Context())
		require.NoError(t, err)
	})
	requireCode(t, store.CheckSchema(t.Context(), url), "schema_outdated", "retailq migrate up")
}

func TestMigrationsCanBeTakenBack(t *testing.T) {
	t.Parallel()
	url := devstacktest.Postgres(t)
	withGoose(t, url, func(p *goose.Provider) {
		_, err := p.DownTo(t.Context(), 0)
		require.NoError(t, err)
	})
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var left int
	require.NoError(t, db.QueryRowContext(t.Context(), `
		SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'goose%'`).Scan(&left))
	require.Zero(t, left, "what up makes, down drops")
	require.NoError(t, store.Migrate(t.Context(), url))
}

func TestMigrationOfNoDatabase(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, store.Migrate(t.Context(), nobody), retailq.ErrUnavailable)
	require.ErrorIs(t, store.Migrate(t.Context(), "postgres://%zz"), retailq.ErrInvalid)
}

func requireCode(t *testing.T, err error, code, hint string) {
	t.Helper()
	require.ErrorIs(t, err, retailq.ErrConflict)
	var told *retailq.Error
	require.ErrorAs(t, err, &told)
	require.Equal(t, code, told.Code)
	require.Contains(t, told.Hint, hint)
}

// steps lists the files of the migrations, in order.
func steps(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("migrations")
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func withGoose(t *testing.T, url string, do func(*goose.Provider)) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	p, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"))
	require.NoError(t, err)
	do(p)
}
