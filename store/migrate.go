package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"retailq"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migration is one step of the schema.
type Migration struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	// AppliedAt is nil for a step that is still to be done.
	AppliedAt *time.Time `json:"applied_at,omitempty"`
}

// Migrate brings the schema at url up to this binary's version. Concurrent calls wait for one another. It refuses,
// with ErrConflict, a database that a newer binary has migrated.
func Migrate(ctx context.Context, url string) error {
	return withProvider(url, func(p *goose.Provider) error {
		if err := refuseNewer(ctx, p); err != nil {
			return err
		}
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrate up: %w", translate(err))
		}
		return nil
	})
}

// Migrations lists every step with the time at which it was applied. It changes nothing.
func Migrations(ctx context.Context, url string) ([]Migration, error) {
	var list []Migration
	err := withProvider(url, func(p *goose.Provider) error {
		statuses, err := p.Status(ctx)
		if err != nil {
			return fmt.Errorf("migration status: %w", translate(err))
		}
		for _, s := range statuses {
			m := Migration{Version: s.Source.Version, Name: path.Base(s.Source.Path)}
			if s.State == goose.StateApplied {
				m.AppliedAt = &s.AppliedAt
			}
			list = append(list, m)
		}
		return refuseNewer(ctx, p)
	})
	return list, err
}

// CheckSchema returns an error with a hint unless the schema is exactly this binary's. Programs that serve call it at
// start: they never migrate by themselves.
func CheckSchema(ctx context.Context, url string) error {
	list, err := Migrations(ctx, url)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.AppliedAt == nil {
			return retailq.Conflict("schema_outdated", "the database lacks migration %s", m.Name).
				WithHint("Run: retailq migrate up")
		}
	}
	return nil
}

func refuseNewer(ctx context.Context, p *goose.Provider) error {
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", translate(err))
	}
	if current > target {
		return retailq.Conflict("schema_newer",
			"the database is at migration %d, this binary knows migrations up to %d", current, target).
			WithHint("Deploy a binary at least as new as the one that migrated the database.")
	}
	return nil
}

func withProvider(url string, do func(*goose.Provider) error) (err error) {
	cfg, err := parseURL(url)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*cfg.ConnConfig)
	defer func() { err = errors.Join(err, db.Close()) }()
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("embedded migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return fmt.Errorf("migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, steps, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("load migrations: %w", err)
	}
	return do(provider)
}
