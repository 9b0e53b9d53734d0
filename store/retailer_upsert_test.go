package store_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

// upsert writes rows of text; an empty cell is NULL.
func upsert(t *testing.T, f *storetest.Fixture, columns []string, cells ...[]string) store.Upserted {
	t.Helper()
	var counts store.Upserted
	require.NoError(t, f.DB.InTx(t.Context(), func(tx *store.Tx) (err error) {
		counts, err = upsertIn(t.Context(), tx, f.Tenant.ID, columns, cells)
		return err
	}))
	return counts
}

func upsertIn(
	ctx context.Context, tx *store.Tx, tenant retailq.ID, columns []string, cells [][]string,
) (store.Upserted, error) {
	var rows store.Rows
	for _, row := range cells {
		values := make([][]byte, len(row))
		for i, cell := range row {
			if cell != "" {
				values[i] = []byte(cell)
			}
		}
		rows.Append(values...)
	}
	return tx.Tenant(tenant).UpsertRetailers(ctx, columns, &rows)
}

var allColumns = []string{
	"uid", "name", "phone", "region_id", "area_id", "address", "credit_limit", "active", "last_activity_at",
}

func version(t *testing.T, f *storetest.Fixture, uid string) int64 {
	t.Helper()
	return f.Int(`SELECT version FROM retailers WHERE tenant_id = $1 AND uid = $2`, f.Tenant.ID.String(), uid)
}

func TestUpsertCreatesUpdatesAndLeavesAlone(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	full := []string{"a", "Rahim Store", "+8801712345678", "", "", "Road 1", "100.50", "false", "2026-01-02T03:04:05Z"}
	bare := []string{"b", "Karim", "", "", "", "", "", "", ""}
	require.Equal(t, store.Upserted{Created: 2}, upsert(t, f, allColumns, full, bare))
	require.Equal(t, store.Upserted{Unchanged: 2}, upsert(t, f, allColumns, full, bare))
	require.Equal(t, store.Upserted{Created: 1, Updated: 1, Unchanged: 1},
		upsert(t, f, []string{"uid", "name"}, []string{"a", "Rahim & Sons"}, []string{"b", "Karim"}, []string{"c", "New"}))

	got, err := f.DB.Tenant(f.Tenant.ID).Retailer(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "Rahim & Sons", got.Name)
	require.Equal(t, "+8801712345678", got.Phone)
	require.Equal(t, "100.50", got.CreditLimit)
	require.Equal(t, "0.00", got.Outstanding)
	require.False(t, got.Active)
	require.True(t, got.LastActivityAt.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
	require.Equal(t, int64(2), version(t, f, "a"))
	require.Equal(t, int64(1), version(t, f, "b"), "what does not change is not written")
	require.Equal(t, int64(1), f.Int(`SELECT count(*) FROM retailers WHERE updated_at > created_at`))
}

func TestEmptyCellsKeepWhatIsStored(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	columns := []string{"uid", "name", "address", "credit_limit", "active", "last_activity_at"}
	upsert(t, f, columns, []string{"a", "A", "Road 1", "1.00", "false", "2026-01-02T00:00:00Z"},
		[]string{"b", "B", "", "", "", ""})
	require.Equal(t, store.Upserted{Unchanged: 1}, upsert(t, f, columns, []string{"a", "A", "", "", "", ""}))
	require.Equal(t, store.Upserted{Updated: 2},
		upsert(t, f, columns, []string{"b", "B", "", "", "false", ""}, []string{"a", "A2", "", "", "", ""}))
	a, err := f.DB.Tenant(f.Tenant.ID).Retailer(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "Road 1", a.Address)
	require.Equal(t, "1.00", a.CreditLimit)
	require.False(t, a.Active, "an empty cell is not the fallback of new retailers")
	b, err := f.DB.Tenant(f.Tenant.ID).Retailer(t.Context(), "b")
	require.NoError(t, err)
	require.False(t, b.Active)
	require.NotNil(t, a.LastActivityAt)
}

func TestNewRetailerIsActiveUnlessItSaysOtherwise(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	upsert(t, f, []string{"uid", "name", "active"}, []string{"a", "A", ""}, []string{"b", "B", "false"})
	upsert(t, f, []string{"uid", "name"}, []string{"c", "C"})
	require.Equal(t, int64(2), f.Int(`SELECT count(*) FROM retailers WHERE active`))
}

func TestUpsertRefusesColumnsItDoesNotKnow(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	for _, columns := range [][]string{{"name", "uid"}, {"uid", "outstanding"}, {"uid", "name; DROP TABLE jobs"}, {}} {
		err := f.DB.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := upsertIn(t.Context(), tx, f.Tenant.ID, columns, nil)
			return err
		})
		require.Error(t, err)
	}
	require.Equal(t, store.Upserted{}, upsert(t, f, allColumns), "no rows, no work")
}

// The chunks of one import share no uid, but two imports of a tenant meet. These transactions are as mean as can be:
// the same keys in opposite orders, with and without a value for the column that is never NULL.
func TestMeetingUpsertsNeverDeadlock(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	const writers, keys, rounds = 4, 60, 6
	errs := make([]error, writers)
	race(writers, func(w int) {
		for round := range rounds {
			var cells [][]string
			for i := range keys {
				key := i
				if w%2 == 1 {
					key = keys - 1 - i
				}
				active := ""
				if (key+w)%2 == 0 {
					active = "true"
				}
				cells = append(cells, []string{"k" + strconv.Itoa(key), fmt.Sprintf("%d-%d", w, round), active})
			}
			errs[w] = f.DB.InTx(t.Context(), func(tx *store.Tx) error {
				_, err := upsertIn(t.Context(), tx, f.Tenant.ID, []string{"uid", "name", "active"}, cells)
				return err
			})
			if errs[w] != nil {
				return
			}
		}
	})
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, int64(keys), retailers(f))
}

// What another transaction has written since this one began counts: an empty cell keeps that.
func TestEmptyCellKeepsWhatARivalWrote(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	columns := []string{"uid", "name", "active"}
	upsert(t, f, columns, []string{"old", "Old", "true"})
	written, follower := make(chan struct{}), make(chan error, 1)
	go func() {
		<-written
		follower <- f.DB.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := upsertIn(t.Context(), tx, f.Tenant.ID, columns, [][]string{{"new", "New 2", ""}, {"old", "Old 2", ""}})
			return err
		})
	}()
	require.NoError(t, f.DB.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := upsertIn(t.Context(), tx, f.Tenant.ID, columns,
			[][]string{{"new", "New", "false"}, {"old", "Old", "false"}})
		close(written)
		require.Eventually(t, func() bool {
			return f.Int(`SELECT count(*) FROM pg_stat_activity
			WHERE wait_event_type = 'Lock' AND datname = current_database()`) == 1
		}, 10*time.Second, 10*time.Millisecond)
		return err
	}))
	require.NoError(t, <-follower)
	require.Equal(t, int64(2), f.Int(`SELECT count(*) FROM retailers WHERE NOT active AND name LIKE '% 2'`))
}

// A tenant's first import meets statistics of an empty table, its second those of a large one. Neither may lead to a
// plan that walks the tenant's rows.
func TestUpsertNeverWalksTheTable(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	const stored = 200_000
	// Without the indexes that play no part, the rows are there in a second.
	for _, statement := range []string{
		`DROP INDEX retailers_name_trgm, retailers_place, retailers_activity, retailers_outstanding`,
		`ANALYZE retailers`, `
		INSERT INTO retailers (tenant_id, id, uid, name)
		SELECT '` + f.Tenant.ID.String() + `', gen_random_uuid(), 'r' || n, 'Retailer ' || n
		FROM generate_series(1, ` + strconv.Itoa(stored) + `) AS n`} {
		f.Exec(statement)
	}
	cells := make([][]string, 2000)
	for i := range cells {
		cells[i] = []string{"r" + strconv.Itoa(i*50), "Retailer " + strconv.Itoa(i*50), ""}
	}
	for _, when := range []string{"with statistics of the empty table", "analysed"} {
		var scanned, looked int64
		require.NoError(t, f.DB.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := upsertIn(t.Context(), tx, f.Tenant.ID, []string{"uid", "name", "active"}, cells)
			require.NoError(t, err)
			return store.QueryRow(t.Context(), tx, `
				SELECT sum(seq_tup_read), sum(idx_tup_fetch) FROM pg_stat_xact_user_tables
				WHERE relname ~ '^retailers_[0-9]+$'`).Scan(&scanned, &looked)
		}))
		require.Zero(t, scanned, when)
		require.Less(t, looked, int64(10*len(cells)), when)
		f.Exec(`ANALYZE retailers`)
	}
}
