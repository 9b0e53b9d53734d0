package devstack

import (
	"context"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
)

// serverURL returns the URL of the database that exists on every server, for work on databases themselves.
func serverURL(dbURL string) string {
	u, err := url.Parse(dbURL)
	if err != nil {
		return dbURL // pgx says what is wrong with it
	}
	u.Path = "postgres"
	return u.String()
}

// ensureDatabase creates the database of the URL unless it exists.
func ensureDatabase(ctx context.Context, dbURL string) error {
	return withConn(ctx, serverURL(dbURL), func(conn *pgx.Conn) error {
		var exists bool
		err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, database).Scan(&exists)
		if err != nil || exists {
			return err
		}
		_, err = conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{database}.Sanitize())
		return err
	})
}

func withConn(ctx context.Context, dbURL string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, dbURL)
	if err != nil {
		return fmt.Errorf("connect to postgres: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := do(conn); err != nil {
		return fmt.Errorf("prepare postgres: %w", err)
	}
	return nil
}
