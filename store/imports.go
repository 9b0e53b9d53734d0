package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"retailq"
)

// CreateImport writes an import whose job exists already, under the job's id.
func (t *TenantTx) CreateImport(ctx context.Context, i retailq.Import) error {
	_, err := t.tx.Exec(ctx, `
		INSERT INTO imports (id, tenant_id, dataset, filename, object_key, object_version, object_etag, object_size, options)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		i.ID, t.id, i.Dataset, i.Filename, i.Object.Key, i.Object.Version, i.Object.ETag, i.Object.Size, i.Options)
	return wrapf(err, "create import %s", i.ID)
}

const importColumns = `i.id, i.tenant_id, i.dataset, i.filename, i.object_key, i.object_version, i.object_etag,
	i.object_size, i.options, i.report, coalesce(i.layout->'mapping'->'unknown', '[]'),
	j.status, j.phase, j.done, j.total, j.counters, j.failure, j.created_by,
	j.created_at, j.started_at, j.finished_at, j.version`

func scanImport(row pgx.Row) (*retailq.Import, error) {
	var i retailq.Import
	var counters retailq.Counters
	err := row.Scan(&i.ID, &i.TenantID, &i.Dataset, &i.Filename, &i.Object.Key, &i.Object.Version, &i.Object.ETag,
		&i.Object.Size, &i.Options, &i.Report, &i.Ignored, &i.State, &i.Progress.Phase, &i.Progress.Done, &i.Progress.Total,
		&counters, &i.Failure, &i.CreatedBy, &i.CreatedAt, &i.StartedAt, &i.FinishedAt, &i.Version)
	if err != nil {
		return nil, err
	}
	i.Rows, i.HasReport = retailq.ImportRowsOf(counters), i.Report != nil
	return &i, nil
}

// Import returns one import of the tenant; another tenant's is ErrNotFound.
func (t *Tenant) Import(ctx context.Context, id retailq.ID) (*retailq.Import, error) {
	i, err := scanImport(t.q.QueryRow(ctx, `
		SELECT `+importColumns+` FROM imports i JOIN jobs j USING (id) WHERE i.id = $1 AND i.tenant_id = $2`, id, t.id))
	if isNoRows(err) {
		return nil, retailq.NotFound("import", id.String())
	}
	return i, wrapf(err, "find import %s", id)
}

// Imports lists the tenant's imports, newest first.
func (t *Tenant) Imports(ctx context.Context, p Page) ([]*retailq.Import, error) {
	rows, err := t.q.Query(ctx, `
		SELECT `+importColumns+` FROM imports i JOIN jobs j USING (id)
		WHERE i.tenant_id = $1 AND ($2::uuid IS NULL OR i.id < $2) ORDER BY i.id DESC LIMIT $3`, t.id, p.Before, p.Limit)
	if err != nil {
		return nil, wrapf(err, "list imports")
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*retailq.Import, error) { return scanImport(row) })
	return list, wrapf(err, "list imports")
}

// FreezeLayout stores how the file of an import is written, as the scan found it.
func (t *TenantTx) FreezeLayout(ctx context.Context, id retailq.ID, layout json.RawMessage) error {
	_, err := t.tx.Exec(ctx, `UPDATE imports SET layout = $3 WHERE id = $1 AND tenant_id = $2`, id, t.id, layout)
	return wrapf(err, "freeze layout of import %s", id)
}

// ImportLayout returns what FreezeLayout stored.
func (t *Tenant) ImportLayout(ctx context.Context, id retailq.ID) (json.RawMessage, error) {
	var layout json.RawMessage
	err := t.q.QueryRow(ctx, `SELECT layout FROM imports WHERE id = $1 AND tenant_id = $2`, id, t.id).Scan(&layout)
	if isNoRows(err) {
		return nil, retailq.NotFound("import", id.String())
	}
	return layout, wrapf(err, "read layout of import %s", id)
}

// SetImportReport stores which object holds the import's rejected rows; nil if none was rejected.
func (t *TenantTx) SetImportReport(ctx context.Context, id retailq.ID, report *retailq.Object) error {
	_, err := t.tx.Exec(ctx, `UPDATE imports SET report = $3 WHERE id = $1 AND tenant_id = $2`, id, t.id, report)
	return wrapf(err, "set report of import %s", id)
}
