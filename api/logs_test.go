package api

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/obs"
)

// lines collects log lines.
type lines struct {
	mu  sync.Mutex
	all [][]byte
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, bytes.Clone(line))
	return len(line), nil
}

// show prints the lines of a test that has failed.
func (l *lines) show(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.Failed() {
		t.Logf("%s", bytes.Join(l.all, nil))
	}
}

func newTestLog(l *lines) *slog.Logger { return obs.NewLogger(l, obs.LogOptions{Format: "json"}) }

// find returns the line of a request to a path once there is one: it is written after the answer.
func (l *lines) find(t *testing.T, path string) (found map[string]any) {
	t.Helper()
	require.Eventually(t, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, line := range l.all {
			var attrs map[string]any
			if json.Unmarshal(line, &attrs) == nil && attrs["path"] == path {
				found = attrs
				return true
			}
		}
		return false
	}, 5*time.Second, time.Millisecond)
	return found
}

func TestOneWideLinePerRequest(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	id := retailq.NewID().String()
	r := p.do(t, p.as(t, retailq.Viewer), http.MethodGet, "/v1/jobs/"+id, nil, "X-Request-ID", "mine-1",
		"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	requireProblem(t, r, http.StatusNotFound, "job_not_found")
	require.Equal(t, "mine-1", r.header.Get("X-Request-ID"))

	line := p.logs.find(t, "/v1/jobs/"+id)
	require.Equal(t, "GET", line["method"])
	require.Equal(t, "/v1/jobs/:id", line["route"])
	require.EqualValues(t, http.StatusNotFound, line["status"])
	require.EqualValues(t, len(r.body), line["bytes"])
	require.Positive(t, line["seconds"])
	require.Equal(t, "viewer@example.com", line["principal"])
	require.Contains(t, line["err"], "there is no job")
	require.Equal(t, "INFO", line["level"])
	require.Equal(t, "mine-1", line["request_id"])
	require.Equal(t, p.one.ID.String(), line["tenant_id"])
	require.Equal(t, "0af7651916cd43dd8448eb211c80319c", line["trace_id"])
}

func TestRequestIDsThatAreNoneAreReplaced(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	for _, id := range []string{"", "two words", `"quoted"`, string(bytes.Repeat([]byte("x"), 129))} {
		got := p.do(t, "", http.MethodGet, "/livez", nil, "X-Request-ID", id).header.Get("X-Request-ID")
		_, err := retailq.ParseID(got)
		require.NoError(t, err)
	}
}
