package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"retailq"
)

// Tenant is the handle through which business data is reached. Every statement behind it names the tenant.
type Tenant struct {
	id retailq.ID
	q  queryer
}

// Tenant returns the handle of a tenant, outside any transaction.
func (db *DB) Tenant(id retailq.ID) *Tenant { return &Tenant{id: id, q: db.pool} }

// Tenant returns the handle of a tenant, inside the transaction.
func (tx *Tx) Tenant(id retailq.ID) *TenantTx {
	return &TenantTx{Tenant: Tenant{id: id, q: tx.tx}, tx: tx.tx}
}

// TenantTx is a tenant's handle inside a transaction; it can also write.
type TenantTx struct {
	Tenant
	tx pgx.Tx
}

const tenantColumns = `id, slug, name, country, time_zone, created_at`

// CreateTenant writes a tenant and returns it as stored. A slug that is taken is ErrConflict.
func (db *DB) CreateTenant(ctx context.Context, t retailq.Tenant) (retailq.Tenant, error) {
	rows, err := db.pool.Query(ctx, `
		INSERT INTO tenants (slug, name, country, time_zone) VALUES ($1, $2, $3, $4) RETURNING `+tenantColumns,
		t.Slug, t.Name, t.Country, t.TimeZone)
	if err != nil {
		return t, wrapf(err, "create tenant %s", t.Slug)
	}
	created, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[retailq.Tenant])
	if violates(err, "tenants_slug_key") {
		return t, retailq.Conflict("tenant_exists", "there is a tenant %q already", t.Slug)
	}
	return created, wrapf(err, "create tenant %s", t.Slug)
}

// Tenants lists every tenant by slug.
func (db *DB) Tenants(ctx context.Context) ([]retailq.Tenant, error) {
	rows, err := db.pool.Query(ctx, `SELECT `+tenantColumns+` FROM tenants ORDER BY slug`)
	if err != nil {
		return nil, wrapf(err, "list tenants")
	}
	tenants, err := pgx.CollectRows(rows, pgx.RowToStructByPos[retailq.Tenant])
	return tenants, wrapf(err, "list tenants")
}

// TenantByID returns the tenant, or ErrNotFound.
func (db *DB) TenantByID(ctx context.Context, id retailq.ID) (retailq.Tenant, error) {
	rows, err := db.pool.Query(ctx, `SELECT `+tenantColumns+` FROM tenants WHERE id = $1`, id)
	if err != nil {
		return retailq.Tenant{}, wrapf(err, "find tenant %s", id)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[retailq.Tenant])
	if isNoRows(err) {
		return t, retailq.NotFound("tenant", id.String())
	}
	return t, wrapf(err, "find tenant %s", id)
}

// FindTenant returns the tenant with the given slug or id, or ErrNotFound.
func (db *DB) FindTenant(ctx context.Context, slugOrID string) (retailq.Tenant, error) {
	rows, err := db.pool.Query(ctx, `SELECT `+tenantColumns+` FROM tenants WHERE slug = $1 OR id::text = $1`, slugOrID)
	if err != nil {
		return retailq.Tenant{}, wrapf(err, "find tenant %s", slugOrID)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[retailq.Tenant])
	if isNoRows(err) {
		return t, retailq.NotFound("tenant", slugOrID)
	}
	return t, wrapf(err, "find tenant %s", slugOrID)
}
