package store

import (
	"context"
	"time"
)

// ServerInfo is what the database says of itself, for diagnosis.
type ServerInfo struct {
	// Version is as people know it: "15.14". Major is its first number.
	Version string
	Major   int
	// Trigrams reports whether the extension pg_trgm can be had: the search by name is built on it.
	Trigrams bool
	// Now is the server's clock.
	Now time.Time
}

// Server asks the database about itself.
func (db *DB) Server(ctx context.Context) (ServerInfo, error) {
	var s ServerInfo
	err := db.pool.QueryRow(ctx, `
		SELECT split_part(current_setting('server_version'), ' ', 1),
		       current_setting('server_version_num')::int / 10000,
		       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm'),
		       clock_timestamp()`).Scan(&s.Version, &s.Major, &s.Trigrams, &s.Now)
	return s, wrapf(err, "ask the database about itself")
}
