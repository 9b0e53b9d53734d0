package store

import (
	"context"
	"fmt"
	"strings"

	"retailq"
)

// stagedColumn is a column of retailers that an import may set.
type stagedColumn struct {
	name, sqlType string
	// fallback is the value of a new retailer whose cell is empty, for a column that is never NULL.
	fallback string
}

// stagedColumns are what UpsertRetailers takes, beside uid.
var stagedColumns = []stagedColumn{
	{name: "name", sqlType: "text"},
	{name: "phone", sqlType: "text"},
	{name: "region_id", sqlType: "bigint"},
	{name: "area_id", sqlType: "bigint"},
	{name: "address", sqlType: "text"},
	{name: "credit_limit", sqlType: "numeric(14, 2)"},
	{name: "active", sqlType: "boolean", fallback: "true"},
	{name: "last_activity_at", sqlType: "timestamptz"},
}

// Upserted counts what an upsert did with its rows.
type Upserted struct{ Created, Updated, Unchanged int64 }

// UpsertRetailers creates the retailers of rows and updates those that exist. columns names what each row holds, uid
// first, and must be of retailers' own; a uid must not occur twice. An empty value leaves what is stored as it is; a
// retailer that would not change is not written at all, so that importing a file again costs no more than reading it.
//
// Rows are written in the order of their key, so that transactions which meet wait for one another and never dead-lock.
func (t *TenantTx) UpsertRetailers(ctx context.Context, columns []string, rows *Rows) (Upserted, error) {
	var counts Upserted
	staged, err := pickStaged(columns)
	if err != nil || rows.Len() == 0 {
		return counts, err
	}
	if _, err := t.tx.Exec(ctx, createStage); err != nil {
		return counts, wrapf(err, "create stage")
	}
	if err := copyInto(ctx, t.tx, "retailer_stage", columns, rows); err != nil {
		return counts, err
	}
	err = t.tx.QueryRow(ctx, upsertSQL(staged), t.id).Scan(&counts.Created, &counts.Updated)
	counts.Unchanged = int64(rows.Len()) - counts.Created - counts.Updated
	return counts, wrapf(err, "upsert %d retailers", rows.Len())
}

// createStage makes the connection's staging table, once. A temporary table has no indexes, no WAL and no row-level
// security, which COPY would refuse.
var createStage = func() string {
	defs := []string{`uid text COLLATE "C" NOT NULL`}
	for _, c := range stagedColumns {
		defs = append(defs, c.name+" "+c.sqlType)
	}
	return `CREATE TEMPORARY TABLE IF NOT EXISTS retailer_stage (` + strings.Join(defs, ", ") + `) ON COMMIT DELETE ROWS`
}()

func pickStaged(columns []string) ([]stagedColumn, error) {
	if len(columns) == 0 || columns[0] != "uid" {
		return nil, fmt.Errorf("upsert retailers: columns %v do not begin with uid", columns)
	}
	var picked []stagedColumn
	for _, name := range columns[1:] {
		found := false
		for _, c := range stagedColumns {
			if c.name == name {
				picked, found = append(picked, c), true
			}
		}
		if !found {
			return nil, fmt.Errorf("upsert retailers: no column %q", name)
		}
	}
	return picked, nil
}

// upsertSQL builds the statement for a set of columns. It finds existing retailers through the conflict alone, which
// always uses the unique index: a look-up of its own, before the insert, is planned from statistics, and with those of
// a tenant that was small a minute ago Postgres walks all of the tenant's rows for each one.
//
// All rows go through one statement, or their locks would not be taken in the order of the key. A row cannot be
// proposed with a NULL where the column allows none, so whether the cell was empty is asked of the stage again, in a
// sub-select that Postgres hashes once.
func upsertSQL(columns []stagedColumn) string {
	var names, values, stored, merged []string
	for _, c := range columns {
		value, keep := "s."+c.name, fmt.Sprintf("coalesce(EXCLUDED.%[1]s, r.%[1]s)", c.name)
		if c.fallback != "" {
			value = fmt.Sprintf("coalesce(s.%s, %s)", c.name, c.fallback)
			keep = fmt.Sprintf(`CASE WHEN EXCLUDED.uid IN (SELECT uid FROM retailer_stage WHERE %[1]s IS NULL)
			THEN r.%[1]s ELSE EXCLUDED.%[1]s END`, c.name)
		}
		if c.name == "area_id" {
			keep = keepArea
		}
		names, values = append(names, c.name), append(values, value)
		stored, merged = append(stored, "r."+c.name), append(merged, keep)
	}
	join := func(list []string) string { return strings.Join(list, ", ") }
	return fmt.Sprintf(`
		WITH upserted AS (
		  INSERT INTO retailers AS r (tenant_id, uid, %[1]s)
		  SELECT $1, s.uid, %[2]s FROM retailer_stage s ORDER BY s.uid
		  ON CONFLICT (tenant_id, uid) DO UPDATE SET (%[1]s, version, updated_at) = ROW (%[4]s, r.version + 1, now())
		  WHERE (%[3]s) IS DISTINCT FROM (%[4]s)
		  RETURNING version = 1 AS created)
		SELECT count(*) FILTER (WHERE created), count(*) FILTER (WHERE NOT created) FROM upserted`,
		join(names), join(values), join(stored), join(merged))
}

// keepArea is the area of a row whose cell is empty: the one it has, unless that lies in another region now.
const keepArea = `CASE WHEN EXCLUDED.area_id IS NULL AND EXCLUDED.region_id <> r.region_id THEN NULL
			ELSE coalesce(EXCLUDED.area_id, r.area_id) END`

// Retailer returns the tenant's retailer with the given uid, or ErrNotFound.
func (t *Tenant) Retailer(ctx context.Context, uid string) (*retailq.Retailer, error) {
	var r retailq.Retailer
	err := t.q.QueryRow(ctx, `
		SELECT r.id, r.tenant_id, r.uid, r.name, coalesce(r.phone, ''), coalesce(g.name, ''), coalesce(a.name, ''),
		       coalesce(r.address, ''), coalesce(r.credit_limit, 0)::text, r.outstanding::text, r.active,
		       r.last_activity_at, r.created_at, r.updated_at
		FROM retailers r
		LEFT JOIN regions g ON g.tenant_id = r.tenant_id AND g.id = r.region_id
		LEFT JOIN areas a ON a.tenant_id = r.tenant_id AND a.id = r.area_id
		WHERE r.tenant_id = $1 AND r.uid = $2`, t.id, uid).
		Scan(&r.ID, &r.TenantID, &r.UID, &r.Name, &r.Phone, &r.Region, &r.Area, &r.Address, &r.CreditLimit, &r.Outstanding,
			&r.Active, &r.LastActivityAt, &r.CreatedAt, &r.UpdatedAt)
	if isNoRows(err) {
		return nil, retailq.NotFound("retailer", uid)
	}
	return &r, wrapf(err, "find retailer %s", uid)
}
