package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"retailq"
)

const userColumns = `id, tenant_id, email, name, role, password_hash, created_at`

// CreateUser writes a user and returns it as stored. An address that is taken, in any case, is ErrConflict.
func (db *DB) CreateUser(ctx context.Context, u retailq.User) (retailq.User, error) {
	rows, err := db.pool.Query(ctx, `
		INSERT INTO users (tenant_id, email, name, role, password_hash) VALUES ($1, $2, $3, $4, $5) RETURNING `+userColumns,
		u.TenantID, u.Email, u.Name, string(u.Role), u.PasswordHash)
	if err != nil {
		return u, wrapf(err, "create user %s", u.Email)
	}
	created, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[retailq.User])
	if violates(err, "users_email_key") {
		return u, retailq.Conflict("user_exists", "there is a user %q already", u.Email)
	}
	return created, wrapf(err, "create user %s", u.Email)
}

// FindUser returns the user with the given email address, in any case, or ErrNotFound.
func (db *DB) FindUser(ctx context.Context, email string) (retailq.User, error) {
	rows, err := db.pool.Query(ctx, `SELECT `+userColumns+` FROM users WHERE lower(email) = lower($1)`, email)
	if err != nil {
		return retailq.User{}, wrapf(err, "find user %s", email)
	}
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[retailq.User])
	if isNoRows(err) {
		return u, retailq.NotFound("user", email)
	}
	return u, wrapf(err, "find user %s", email)
}
