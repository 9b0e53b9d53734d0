package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
)

// fakeAPI answers as the API does for one import that runs from start to end. What the API really does is tested with
// the API; here it is what the commands make of it.
type fakeAPI struct {
	*http.ServeMux
	url      string
	imported retailq.Import
	// events are the jobs that watchers see. With hang, the stream stays open behind them.
	events []retailq.Job
	hang   chan struct{}
	// uploaded is what was put into the object store.
	uploaded []byte
}

func newFakeAPI(t *testing.T) *fakeAPI {
	t.Helper()
	created := time.Date(2025, time.March, 31, 12, 0, 0, 0, time.UTC)
	finished := created.Add(2500 * time.Millisecond)
	id := retailq.ID{1, 2, 3}
	a := &fakeAPI{
		ServeMux: http.NewServeMux(),
		imported: retailq.Import{
			ID: id, State: retailq.Succeeded, Filename: "shops.csv", Dataset: "retailers", HasReport: true,
			Rows:      retailq.ImportRows{Read: 10, Created: 6, Unchanged: 1, Duplicate: 1, Rejected: 2},
			CreatedAt: created, FinishedAt: &finished,
		},
	}
	job := func(version int64, state retailq.State, phase string, done, total int64) retailq.Job {
		return retailq.Job{
			ID: id, Kind: "retailer.import", Version: version, State: state, CreatedAt: created,
			UpdatedAt: created.Add(time.Duration(version) * time.Second),
			Progress:  retailq.Progress{Phase: phase, Done: done, Total: total},
			Counters:  retailq.Counters{"read": total, "created": done},
		}
	}
	a.events = []retailq.Job{
		job(1, retailq.Queued, "", 0, 0), job(2, retailq.Running, "importing", 5, 10),
		job(3, retailq.Succeeded, "importing", 10, 10),
	}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL
	a.routes(id)
	return a
}

func (a *fakeAPI) routes(id retailq.ID) {
	answer := func(status int, v any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(v)
		}
	}
	a.HandleFunc("POST /v1/uploads", answer(http.StatusCreated, map[string]any{
		"object_key": "k", "method": http.MethodPut, "url": a.url + "/bucket/k",
	}))
	a.HandleFunc("PUT /bucket/k", func(_ http.ResponseWriter, r *http.Request) { a.uploaded, _ = io.ReadAll(r.Body) })
	a.HandleFunc("POST /v1/imports", answer(http.StatusAccepted, retailq.Import{
		ID: id, State: retailq.Queued, Filename: "shops.csv",
	}))
	a.HandleFunc("GET /v1/imports/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") != id.String() {
			answer(http.StatusNotFound, map[string]string{"code": "import_not_found", "detail": "there is no import"})(w, r)
			return
		}
		answer(http.StatusOK, a.imported)(w, r)
	})
	a.HandleFunc("GET /v1/jobs/{id}/events", a.stream)
}

func (a *fakeAPI) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, job := range a.events {
		data, _ := json.Marshal(job)
		fmt.Fprintf(w, "id: %d\nevent: job\ndata: %s\n\n", job.Version, data)
	}
	if a.hang != nil {
		_ = http.NewResponseController(w).Flush()
		close(a.hang)
		<-r.Context().Done()
	}
}

// run runs a command line on the fake API.
func (a *fakeAPI) run(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	env := &environment{
		stdin: strings.NewReader("uid,name\n1,Rahim\n"), stdout: &out, stderr: &errs,
		environ: []string{"RETAILQ_URL=" + a.url, "RETAILQ_TOKEN=secret"},
	}
	status = execute(ctx, env, args)
	return status, out.String(), errs.String()
}

func TestImportWatched(t *testing.T) {
	t.Parallel()
	a := newFakeAPI(t)
	status, stdout, stderr := a.run(t.Context(), "import", "-", "--tenant", "demo", "--watch")
	require.Zero(t, status, stderr)
	require.Equal(t, "uid,name\n1,Rahim\n", string(a.uploaded))
	require.Equal(t, strings.TrimPrefix(`
shops.csv: succeeded in 2.5 s, 4 rows/s
            10 rows read
             6 created
             0 updated
             1 unchanged
             1 duplicate: a later row has the same uid and counts instead
             2 rejected
2 rows were REJECTED and are not in the database.
  why:             retailq imports errors 01020300-0000-0000-0000-000000000000 --tenant demo
  to correct them: retailq imports report 01020300-0000-0000-0000-000000000000 -o rejected.csv --tenant demo
`, "\n"), stdout)
	require.Equal(t, strings.TrimPrefix(`
uploading  17 B of 17 B  100%
queued
importing  5 of 10 rows  50%
importing  10 of 10 rows  100%  succeeded
`, "\n"), stderr)
}

func TestImportWatchedByAProgram(t *testing.T) {
	t.Parallel()
	a := newFakeAPI(t)
	file := filepath.Join(t.TempDir(), "shops.csv")
	require.NoError(t, os.WriteFile(file, []byte("uid,name\n1,Karim\n"), 0o600))
	status, stdout, stderr := a.run(t.Context(), "import", file, "--watch", "--json")
	require.Zero(t, status)
	require.Empty(t, stderr)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	require.Len(t, lines, 3)
	require.JSONEq(t, `{"id":"01020300-0000-0000-0000-000000000000","state":"running","seconds":2,
		"progress":{"phase":"importing","done":5,"total":10},
		"rows":{"read":10,"created":5,"updated":0,"unchanged":0,"duplicate":0,"rejected":0,"unprocessed":5}}`, lines[1])
	require.JSONEq(t, `{"id":"01020300-0000-0000-0000-000000000000","state":"succeeded","seconds":2.5,
		"filename":"shops.csv","has_report":true,
		"rows":{"read":10,"created":6,"updated":0,"unchanged":1,"duplicate":1,"rejected":2,"unprocessed":0}}`, lines[2])
}

func TestImportFails(t *testing.T) {
	t.Parallel()
	a := newFakeAPI(t)
	a.events[2].State = retailq.Failed
	a.imported.State, a.imported.HasReport = retailq.Failed, false
	a.imported.Rows = retailq.ImportRows{Read: 10, Unprocessed: 10}
	a.imported.Failure = &retailq.Failure{Code: "object_gone", Message: "the file is gone", Hint: "Upload it again."}
	status, stdout, _ := a.run(t.Context(), "import", "s3://k", "--watch")
	require.Equal(t, exitFailed, status)
	require.Contains(t, stdout, "shops.csv: failed in 2.5 s\n")
	require.Contains(t, stdout, "10 not processed\nIt failed: the file is gone\nhint: Upload it again.\n")
	require.NotContains(t, stdout, "REJECTED")
}

// TestInterrupted: Ctrl-C ends the watching, and says how to go on.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"import", "s3://k", "--watch", "--tenant", "demo"},
		{"jobs", "watch", "01020300-0000-0000-0000-000000000000", "--tenant", "demo"},
	} {
		a := newFakeAPI(t)
		a.events, a.hang = a.events[:2], make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-a.hang
			cancel()
		}()
		status, stdout, stderr := a.run(ctx, args...)
		require.Equal(t, exitInterrupted, status)
		require.Empty(t, stdout)
		require.Contains(t, stderr, "goes on")
		require.Contains(t, stderr, "retailq jobs watch 01020300-0000-0000-0000-000000000000 --tenant demo\n")
		require.NotContains(t, stderr, "context canceled")
	}
}

func TestImportNotWatched(t *testing.T) {
	t.Parallel()
	a := newFakeAPI(t)
	status, stdout, _ := a.run(t.Context(), "import", "s3://k")
	require.Zero(t, status)
	require.Equal(t, "import 01020300-0000-0000-0000-000000000000 of shops.csv is queued\n"+
		"to watch it: retailq jobs watch 01020300-0000-0000-0000-000000000000\n", stdout)
	status, stdout, _ = a.run(t.Context(), "import", "s3://k", "--json")
	require.Zero(t, status)
	var started retailq.Import
	require.NoError(t, json.Unmarshal([]byte(stdout), &started))
	require.Equal(t, retailq.Queued, started.State)
}

func TestImportOfAnother(t *testing.T) {
	t.Parallel()
	a := newFakeAPI(t)
	status, _, stderr := a.run(t.Context(), "imports", "show", "0190d7a2-5c1e-7b3a-9f00-1a2b3c4d5e6f")
	require.Equal(t, exitNotFound, status)
	require.Equal(t, "retailq: there is no import\n", stderr)
}

func TestTokenIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"code":"token_invalid","detail":"the token is not valid","hint":"Sign in again."}`)
	}))
	t.Cleanup(server.Close)
	a := &fakeAPI{url: server.URL}
	for _, args := range [][]string{
		{"jobs", "ls"}, {"imports", "ls"}, {"import", "-"}, {"jobs", "watch", "0190d7a2-5c1e-7b3a-9f00-1a2b3c4d5e6f"},
	} {
		status, stdout, stderr := a.run(t.Context(), args...)
		require.Equal(t, exitDenied, status, args)
		require.Empty(t, stdout)
		require.Equal(t, "retailq: the token is not valid\nhint: Sign in again.\n", stderr, args)
	}
}

func TestReportReplacesAFileAsAWhole(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "report.csv")
	require.NoError(t, os.WriteFile(name, []byte("old"), 0o600))
	env := &environment{stdout: io.Discard}
	err := writeOutput(env, name, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return io.ErrUnexpectedEOF
	})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "old", string(content))
	require.NoError(t, writeOutput(env, name, func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	}))
	content, err = os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "new", string(content))
	entries, err := os.ReadDir(filepath.Dir(name))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestObjectKey(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"s3://tenants/1/uploads/2/x.csv":         "tenants/1/uploads/2/x.csv",
		"s3://retailq/tenants/1/uploads/2/x.csv": "tenants/1/uploads/2/x.csv",
		"s3://retailq/elsewhere/x.csv":           "retailq/elsewhere/x.csv",
		"s3://k":                                 "k",
	} {
		key, isObject, err := objectKey(source)
		require.NoError(t, err)
		require.True(t, isObject)
		require.Equal(t, want, key)
	}
}
