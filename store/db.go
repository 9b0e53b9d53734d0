package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"retailq"
)

// Options size the pool.
type Options struct {
	// MaxConns caps the connections of this process. 0 means 10.
	MaxConns int
	// Name shows in pg_stat_activity: "retailq worker".
	Name string
}

// letGo makes Postgres end the session of a process that fell silent in a transaction, stopped or cut off: its locks
// would keep others from taking over its jobs. What waits for a lock longer than 30 s is repeated later.
const letGo = `
	SET idle_in_transaction_session_timeout = '5s';
	SET lock_timeout = '30s';
	SET tcp_keepalives_idle = 10;
	SET tcp_keepalives_interval = 5;
	SET tcp_keepalives_count = 3;
	SET tcp_user_timeout = '25s'`

const commitTimeout = 30 * time.Second

// DB is a pool of connections to one Postgres database. It is safe for concurrent use.
type DB struct {
	pool *pgxpool.Pool
}

// Open connects to the database at url and checks that it answers. It returns ErrInvalid for a url that cannot be
// read and ErrUnavailable if nothing answers.
func Open(ctx context.Context, url string, opts Options) (*DB, error) {
	cfg, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 10
	if opts.MaxConns > 0 {
		cfg.MaxConns = int32(opts.MaxConns) // config keeps it small
	}
	if opts.Name != "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = opts.Name
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open pool: %w", translate(err))
	}
	db := &DB{pool: pool}
	if err := db.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

// parseURL reads the address of a database.
func parseURL(url string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, retailq.Invalid("database_url_invalid", "the database URL cannot be read").
			WithHint("Write it as postgres://user:password@host:5432/name.").Because(err)
	}
	// All moments are compared and printed in UTC, whatever the server's default.
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, letGo)
		return err
	}
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	return cfg, nil
}

// Close waits for connections in use and closes all.
func (db *DB) Close() { db.pool.Close() }

// Ping checks that the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.pool.Ping(ctx); err != nil {
		return retailq.Unavailable("database", err)
	}
	return nil
}

// PoolStats says how busy the pool is.
type PoolStats struct{ Max, InUse, Idle int32 }

// Stats returns the state of the pool, for metrics.
func (db *DB) Stats() PoolStats {
	s := db.pool.Stat()
	return PoolStats{Max: s.MaxConns(), InUse: s.AcquiredConns(), Idle: s.IdleConns()}
}

// Tx is one transaction. It gives the same handles as DB; what is done through them commits or vanishes together.
type Tx struct {
	tx pgx.Tx
}

// InTx runs do in one transaction and commits it if do returns nil. The error of do comes back as it is, so that a
// caller can tell its own refusal from a failure of the database.
func (db *DB) InTx(ctx context.Context, do func(tx *Tx) error) error {
	tx, err := db.pool.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", translate(err))
	}
	// A rollback must reach the server even if ctx is what ended the work; after a commit it does nothing.
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := do(&Tx{tx: tx}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// Once it is asked for, a commit is waited for: its answer decides what happens next.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", translate(err))
	}
	return nil
}

// queryer is what a pool and a transaction have in common.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}
