package e2e

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/ops"
)

// maxWorkerMemory is well above what a worker takes, and far below what it would take if it held a file.
const maxWorkerMemory = 200 << 20

func TestImportOf100KRows(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, settings{production: true})
	workers := p.workers(t, 2)
	rows := 100_000
	if testing.Short() {
		rows = 20_000
	}
	s := newSample(rows)
	c := p.signIn(t)
	c.load(t, s.before)

	id := c.start(t, s.content)
	var seen []retailq.Job
	require.Equal(t, retailq.Succeeded, c.watch(t, id, func(j retailq.Job) { seen = append(seen, j) }))
	requireProgress(t, seen)

	got := p.outcome(t, id)
	require.Equal(t, s.rows, got.rows)
	require.Equal(t, int64(rows), got.rows.Read)
	require.Zero(t, got.rows.Unprocessed)
	requireSameList(t, "retailer", s.retailers, got.retailers)
	requireErrors(t, s.errors, got.errors)
	requireReport(t, got)
	for _, w := range workers {
		peak := w.peakMemory(t)
		t.Logf("worker %d took %d MiB at most", w.pid(), peak>>20)
		require.Less(t, peak, int64(maxWorkerMemory))
	}
}

// signIn creates a user and returns them as the API knows them.
func (p *platform) signIn(t *testing.T) caller {
	t.Helper()
	user := ops.NewUser{
		Email: "admin@shop.example", Password: "correct horse battery", Tenant: p.shop.Slug, Role: retailq.TenantAdmin,
	}
	_, err := ops.New(p.db, nil, nil, ops.Limits{}).
		CreateUser(t.Context(), retailq.Principal{Role: retailq.PlatformAdmin}, user)
	require.NoError(t, err)
	session := call[struct{ Token string }](t, caller{url: p.url}, http.StatusCreated, http.MethodPost, "/v1/sessions",
		map[string]string{"email": user.Email, "password": user.Password})
	return caller{url: p.url, token: session.Token}
}

// requireProgress checks that watchers saw an import advance, and never go back.
func requireProgress(t *testing.T, seen []retailq.Job) {
	t.Helper()
	require.Greater(t, len(seen), 3, "too few events to watch")
	for i, now := range seen[1:] {
		before := seen[i]
		require.Greater(t, now.Version, before.Version)
		if now.Progress.Phase == before.Progress.Phase {
			require.GreaterOrEqual(t, now.Progress.Done, before.Progress.Done)
		}
	}
	last := seen[len(seen)-1]
	require.Equal(t, last.Progress.Total, last.Progress.Done)
}

// requireErrors compares what was reported, in file order, with what is wrong with the file; whoever reads it must be
// told what to do.
func requireErrors(t *testing.T, want, got []retailq.RowError) {
	t.Helper()
	bare := make([]retailq.RowError, len(got))
	for i, e := range got {
		require.NotEmpty(t, e.Message, "%+v", e)
		require.NotEmpty(t, e.Hint, "%+v", e)
		e.Message, e.Hint = "", ""
		bare[i] = e
	}
	requireSameList(t, "row error", want, bare)
}

// requireReport checks that the report holds every rejected row once, in file order, with what is wrong with it.
func requireReport(t *testing.T, o outcome) {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(o.report)).ReadAll()
	require.NoError(t, err)
	columns := strings.Split(strings.TrimSpace(header), ",")
	require.Equal(t, append(columns, "_line", "_codes", "_messages"), records[0])
	records = records[1:]
	require.Len(t, records, int(o.rows.Rejected))
	codes := map[string][]string{}
	for _, e := range o.errors {
		line := strconv.FormatInt(e.Line, 10)
		codes[line] = append(codes[line], e.Code)
	}
	last := 0
	for _, r := range records {
		line, err := strconv.Atoi(r[len(columns)])
		require.NoError(t, err)
		require.Greater(t, line, last, "not in file order")
		last = line
		require.Equal(t, strings.Join(codes[r[len(columns)]], " "), r[len(columns)+1])
		require.NotEmpty(t, r[0], "the row's own cells are missing")
	}
}

// TestSampleIsWhatItSays holds the undisturbed run, to which disturbed ones are compared, to what the sample says.
func TestSampleIsWhatItSays(t *testing.T) {
	t.Parallel()
	s, got := usualSample(), undisturbed(t)
	require.Equal(t, s.rows, got.rows)
	requireSameList(t, "retailer", s.retailers, got.retailers)
	requireErrors(t, s.errors, got.errors)
	requireReport(t, got)
}
