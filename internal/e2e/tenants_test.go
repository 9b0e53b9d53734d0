package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
)

// TestTwoImportsOfOneTenant runs two files at once that hold the same retailers: in opposite orders, so that chunks of
// one meet chunks of the other everywhere.
func TestTwoImportsOfOneTenant(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, settings{})
	c := p.admin(t)
	p.workers(t, 2)
	const rows = 6_000
	first, second := c.start(t, overlapping(rows, 1)), c.start(t, overlapping(rows, 2))
	for _, id := range []retailq.ID{first, second} {
		i := c.await(t, id)
		require.Equal(t, retailq.Succeeded, i.State, "%+v", i.Failure)
		require.Equal(t, int64(rows), i.Rows.Read)
		require.Equal(t, int64(rows), i.Rows.Created+i.Rows.Updated)
		p.requireNothingBurned(t, id)
	}
	// Each file has 2000 retailers that the other one lacks.
	require.Equal(t, int64(rows+2000), one[int64](t, p, `
		SELECT count(*) FROM retailers WHERE tenant_id = $1 AND name ~ '^Store [12]$'`, p.shop.ID))
	require.Equal(t, int64(rows+2000), c.find(t, first).Rows.Created+c.find(t, second).Rows.Created)
}

// overlapping makes a file whose rows name the edition they come from.
func overlapping(rows, edition int) string {
	var b strings.Builder
	b.WriteString("uid,name\n")
	for i := range rows {
		number := i
		if edition == 2 {
			number = rows + 2000 - 1 - i
		}
		fmt.Fprintf(&b, "R%07d,Store %d\n", number, edition)
	}
	return b.String()
}

// TestTenantsSeeTheirOwn asks for everything about an import on behalf of another tenant.
func TestTenantsSeeTheirOwn(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, settings{})
	p.worker(t)
	c, stranger := p.admin(t), p.as(t, retailq.TenantAdmin, p.other.ID)
	key := c.upload(t, "uid,name,phone\nR1,One,017\nR2,Two,\n")
	i := call[retailq.Import](t, c, http.StatusAccepted, http.MethodPost, "/v1/imports", map[string]any{"object_key": key})
	c.await(t, i.ID)
	require.NotEmpty(t, c.report(t, i.ID))

	for _, path := range []string{
		"/v1/imports/", "/v1/imports/%s/errors", "/v1/imports/%s/report", "/v1/jobs/", "/v1/jobs/%s/events",
		"/v1/jobs/%s/history",
	} {
		if !strings.Contains(path, "%") {
			path += "%s"
		}
		status, answer := stranger.do(t, http.MethodGet, fmt.Sprintf(path, i.ID), nil)
		require.Equal(t, http.StatusNotFound, status, "%s: %s", path, answer)
	}
	for _, verb := range []string{"pause", "resume", "cancel", "requeue"} {
		status, answer := stranger.do(t, http.MethodPost, "/v1/jobs/"+i.ID.String()+"/"+verb, nil)
		require.Equal(t, http.StatusNotFound, status, "%s: %s", verb, answer)
	}
	status, answer := stranger.do(t, http.MethodPost, "/v1/imports", map[string]any{"object_key": key})
	require.Equal(t, http.StatusNotFound, status, "another tenant's file: %s", answer)
	for _, path := range []string{"/v1/imports", "/v1/jobs"} {
		list := call[struct{ Items []any }](t, stranger, http.StatusOK, http.MethodGet, path, nil)
		require.Empty(t, list.Items, path)
	}
	require.Empty(t, p.retailers(t, p.other))
}

// TestSmallImportBesideALargeOne has one tenant wait while another one's large import keeps every worker busy. It runs
// beside no other test, as it looks at the clock.
func TestSmallImportBesideALargeOne(t *testing.T) { //nolint:paralleltest // see above
	p := newPlatform(t, settings{})
	p.worker(t)
	large, small := p.admin(t), p.as(t, retailq.TenantAdmin, p.other.ID)
	rows := 60_000
	if testing.Short() {
		rows = 30_000
	}
	long := large.start(t, overlapping(rows, 1))
	p.untilDone(t, long, chunkRows)
	began := time.Now()
	i := small.load(t, overlapping(1_000, 1))
	took := time.Since(began)
	require.Equal(t, retailq.Succeeded, i.State)
	require.False(t, large.find(t, long).State.Finished(), "the large import was over too soon to tell")
	t.Logf("1,000 rows in %s", took)
	require.Less(t, took, 5*time.Second)
	large.steer(t, long, "cancel")
	require.Equal(t, retailq.Cancelled, large.await(t, long).State)
}
