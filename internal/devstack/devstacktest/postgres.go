package devstacktest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"retailq/store"
)

// Postgres returns the URL of a database for this test alone, with the schema of the platform and no data. It is
// dropped at the end of the test, connections that are still open being cut off. The user is a superuser, to whom
// row-level security does not apply.
func Postgres(t testing.TB) string {
	t.Helper()
	server, err := migrated()
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	// Copying files is twice as fast as going through the write-ahead log, for a database as small as the template.
	err = execOn(t.Context(), server,
		fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy`, name, template))
	if err != nil {
		t.Fatalf("create test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := execOn(ctx, server, fmt.Sprintf(`DROP DATABASE %s WITH (FORCE)`, name)); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	return withDatabase(server, name)
}

// template is the migrated database that tests get copies of. One name is enough, as a server lives for one run.
const template = "retailq_template"

// migrated returns the URL of the shared server's maintenance database once the template exists.
var migrated = sync.OnceValues(func() (string, error) {
	addresses, err := sharedPostgres()
	if err != nil {
		return "", err
	}
	server := withDatabase(addresses.DatabaseURL, "postgres")
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := buildTemplate(ctx, server); err != nil {
		return "", fmt.Errorf("build template database: %w", err)
	}
	return server, nil
})

// buildTemplate makes the template unless another test process has: they take turns by an advisory lock, which ends
// with the connection.
func buildTemplate(ctx context.Context, server string) (err error) {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext($1))`, template); err != nil {
		return err
	}
	var done bool
	err = conn.QueryRow(ctx,
		`SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate)`, template).Scan(&done)
	if err != nil || done {
		return err
	}
	// One that is there but not marked is what a failed attempt has left.
	for _, sql := range []string{`DROP DATABASE IF EXISTS ` + template + ` WITH (FORCE)`, `CREATE DATABASE ` + template} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := store.Migrate(ctx, withDatabase(server, template)); err != nil {
		return err
	}
	// A database with connections cannot be copied.
	_, err = conn.Exec(ctx, `ALTER DATABASE `+template+` WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`)
	return err
}

func execOn(ctx context.Context, server, sql string) (err error) {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

func withDatabase(dbURL, name string) string {
	u, err := url.Parse(dbURL)
	if err != nil {
		return dbURL // pgx says what is wrong with it
	}
	u.Path = name
	return u.String()
}
