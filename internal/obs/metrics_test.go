package obs_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"retailq/internal/obs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestJobMetrics(t *testing.T) {
	t.Parallel()
	registry := obs.NewRegistry()
	m := obs.NewJobMetrics(registry)
	for range 3 {
		m.Started("retailer.import", 20*time.Millisecond)
	}
	m.Started("cache.warm", -time.Second)
	m.Ended("retailer.import", "succeeded", 2*time.Second)
	m.Ended("retailer.import", "retrying", 3*time.Millisecond)
	m.Rescued("retailer.import")
	m.RungAgain(7)

	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP retailq_deliveries_repeated_total Deliveries rung again because nobody had claimed their job.
# TYPE retailq_deliveries_repeated_total counter
retailq_deliveries_repeated_total 7
# HELP retailq_job_attempts_ended_total Attempts that this process has ended, `+
		`by outcome: succeeded, failed, retrying, handed back and so on.
# TYPE retailq_job_attempts_ended_total counter
retailq_job_attempts_ended_total{kind="retailer.import",outcome="retrying"} 1
retailq_job_attempts_ended_total{kind="retailer.import",outcome="succeeded"} 1
# HELP retailq_job_attempts_started_total Attempts that this process has begun.
# TYPE retailq_job_attempts_started_total counter
retailq_job_attempts_started_total{kind="cache.warm"} 1
retailq_job_attempts_started_total{kind="retailer.import"} 3
# HELP retailq_jobs_rescued_total Jobs taken from a worker whose heartbeat had stopped.
# TYPE retailq_jobs_rescued_total counter
retailq_jobs_rescued_total{kind="retailer.import"} 1
# HELP retailq_jobs_running Attempts that are under way in this process.
# TYPE retailq_jobs_running gauge
retailq_jobs_running{kind="cache.warm"} 1
retailq_jobs_running{kind="retailer.import"} 1
`), "retailq_deliveries_repeated_total", "retailq_job_attempts_ended_total", "retailq_job_attempts_started_total",
		"retailq_jobs_rescued_total", "retailq_jobs_running"))

	problems, err := testutil.GatherAndLint(registry, "retailq_job_wait_seconds", "retailq_job_attempt_duration_seconds")
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestHTTPMetrics(t *testing.T) {
	t.Parallel()
	registry := obs.NewRegistry()
	m := obs.NewHTTPMetrics(registry)
	m.Observe(http.MethodGet, "/v1/jobs/:id", http.StatusOK, time.Millisecond)
	m.Observe(http.MethodGet, "/v1/jobs/:id", http.StatusOK, time.Second)
	m.Observe("BREW", "none", http.StatusNotFound, time.Millisecond)
	m.Observe("STEEP", "none", http.StatusNotFound, time.Millisecond)
	n, err := testutil.GatherAndCount(registry, "retailq_http_request_duration_seconds")
	require.NoError(t, err)
	require.Equal(t, 2, n, "series")
}

func TestNoMetricsAtAll(t *testing.T) {
	t.Parallel()
	var jobs *obs.JobMetrics
	jobs.Started("k", 0)
	jobs.Ended("k", "succeeded", 0)
	jobs.Rescued("k")
	jobs.RungAgain(1)
	var requests *obs.HTTPMetrics
	requests.Observe(http.MethodGet, "/", http.StatusOK, 0)
	require.NoError(t, obs.Serve(t.Context(), "", obs.NewRegistry()))
}

func TestMetricsServer(t *testing.T) {
	t.Parallel()
	registry := obs.NewRegistry()
	obs.NewJobMetrics(registry).RungAgain(3)
	ctx, stop := context.WithCancel(t.Context())
	s, err := obs.ListenMetrics(ctx, "127.0.0.1:0", registry)
	require.NoError(t, err)
	require.ErrorContains(t, obs.Serve(ctx, s.Addr(), registry), s.Addr(), "it is taken")
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Addr()+"/metrics", http.NoBody)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{}}
	resp, err := client.Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	for _, metric := range []string{
		"retailq_deliveries_repeated_total 3", "go_goroutines", "process_resident_memory_bytes",
	} {
		require.Contains(t, string(body), metric)
	}
	stop()
	require.NoError(t, <-ended)
	client.CloseIdleConnections()
}
