package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"retailq"
)

// outcome is all that is left of an import: what must not depend on who performed it, how often or in which order.
type outcome struct {
	rows retailq.ImportRows
	// retailers is the tenant's table in the order of its key: every business column, with the names of regions and
	// areas, and how often the row was written.
	retailers []string
	// errors is what the API lists.
	errors []retailq.RowError
	report string
}

// outcome collects what an import of the shop has left.
func (p *platform) outcome(t *testing.T, id retailq.ID) outcome {
	t.Helper()
	c := p.admin(t)
	i := c.find(t, id)
	require.Equal(t, retailq.Succeeded, i.State, "%+v", i.Failure)
	return outcome{rows: i.Rows, retailers: p.retailers(t, p.shop), errors: c.errors(t, id), report: c.report(t, id)}
}

func (p *platform) retailers(t *testing.T, tenant retailq.Tenant) []string {
	t.Helper()
	rows, err := p.pool.Query(t.Context(), `
		SELECT concat_ws('|', r.uid, r.name, coalesce(r.phone, ''), coalesce(g.name, ''), coalesce(a.name, ''),
		                 coalesce(r.address, ''), coalesce(r.credit_limit::text, ''), r.active,
		                 coalesce(to_char(r.last_activity_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), ''), r.version)
		FROM retailers r
		LEFT JOIN regions g ON g.tenant_id = r.tenant_id AND g.id = r.region_id
		LEFT JOIN areas a ON a.tenant_id = r.tenant_id AND a.id = r.area_id
		WHERE r.tenant_id = $1 ORDER BY r.uid`, tenant.ID)
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return list
}

// errors reads every page of an import's row errors.
func (c caller) errors(t *testing.T, id retailq.ID) []retailq.RowError {
	t.Helper()
	type page struct {
		Items []retailq.RowError `json:"items"`
		Next  string             `json:"next_cursor"`
	}
	var list []retailq.RowError
	for cursor := ""; ; {
		got := call[page](t, c, http.StatusOK, http.MethodGet,
			fmt.Sprintf("/v1/imports/%s/errors?limit=200&cursor=%s", id, cursor), nil)
		list = append(list, got.Items...)
		if cursor = got.Next; cursor == "" {
			return list
		}
	}
}

// report downloads the rejected rows of an import; "" if there are none.
func (c caller) report(t *testing.T, id retailq.ID) string {
	t.Helper()
	resp := c.send(t.Context(), t, http.MethodGet, "/v1/imports/"+id.String()+"/report", http.NoBody)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	if resp.StatusCode == http.StatusNotFound {
		return ""
	}
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", content)
	return string(content)
}

// requireSame compares what a disturbed import has left with what an undisturbed one has, and shows the first
// difference: there may be thousands.
func requireSame(t *testing.T, want, got outcome) {
	t.Helper()
	require.Equal(t, want.rows, got.rows)
	requireSameList(t, "retailer", want.retailers, got.retailers)
	requireSameList(t, "row error", want.errors, got.errors)
	requireSameList(t, "line of the report", strings.SplitAfter(want.report, "\n"), strings.SplitAfter(got.report, "\n"))
}

func requireSameList[T comparable](t *testing.T, what string, want, got []T) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		require.Equal(t, want[i], got[i], "%s %d", what, i)
	}
	if len(want) != len(got) { // require.Len would print both
		t.Fatalf("%s: there should be %d, but there are %d", what, len(want), len(got))
	}
}

// undisturbed is what imports of the sample lead to when nothing happens: for one worker with the chunks of
// production, so that neither must matter.
func undisturbed(t *testing.T) outcome {
	t.Helper()
	undisturbedOnce.Do(func() {
		p := newPlatform(t, settings{production: true})
		p.worker(t)
		s := usualSample()
		p.admin(t).load(t, s.before)
		undisturbedOutcome = p.outcome(t, p.admin(t).load(t, s.content).ID)
	})
	require.NotEmpty(t, undisturbedOutcome.retailers, "the undisturbed import has failed")
	return undisturbedOutcome
}

var (
	undisturbedOnce    sync.Once
	undisturbedOutcome outcome
)
