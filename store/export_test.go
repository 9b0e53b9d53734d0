package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// QueryRow asks the database from within a transaction, for what only that transaction can know of itself.
func QueryRow(ctx context.Context, tx *Tx, sql string, args ...any) pgx.Row {
	return tx.tx.QueryRow(ctx, sql, args...)
}
