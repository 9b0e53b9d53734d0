package boot_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/cmd/internal/boot"
	"retailq/config"
	"retailq/internal/devstack"
	"retailq/internal/devstack/devstacktest"
)

func TestServicesServeUntilTold(t *testing.T) {
	t.Parallel()
	environ := surroundings(t)

	t.Run("api", func(t *testing.T) {
		t.Parallel()
		service := run(t, boot.API, environ)
		status, health := get(t, "http://"+service.Addr+"/readyz")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "up", health["status"])
		requireMetrics(t, service)
	})
	t.Run("worker", func(t *testing.T) {
		t.Parallel()
		requireMetrics(t, run(t, boot.Worker, environ))
	})
	t.Run("scheduler", func(t *testing.T) {
		t.Parallel()
		requireMetrics(t, run(t, boot.Scheduler, environ))
	})
}

func TestServicesStartWithoutRedis(t *testing.T) {
	t.Parallel()
	environ := append(surroundings(t), "RETAILQ_REDIS_URL=redis://127.0.0.1:1/0")

	t.Run("api is degraded", func(t *testing.T) {
		t.Parallel()
		service := run(t, boot.API, environ)
		status, health := get(t, "http://"+service.Addr+"/readyz")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "degraded", health["status"])
	})
	t.Run("worker waits", func(t *testing.T) {
		t.Parallel()
		requireMetrics(t, run(t, boot.Worker, environ))
	})
	t.Run("scheduler goes on", func(t *testing.T) {
		t.Parallel()
		requireMetrics(t, run(t, boot.Scheduler, environ))
	})
}

func TestServicesRefuse(t *testing.T) {
	t.Parallel()

	t.Run("a schema that is not theirs", func(t *testing.T) {
		t.Parallel()
		stack, err := devstack.Start(t.Context(), devstack.Options{Parts: []devstack.Part{devstack.PartPostgres}})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, stack.Stop()) })
		_, err = boot.Scheduler(t.Context(), config.Scheduler{
			Database: config.Database{URL: config.Secret(stack.DatabaseURL)},
		}, "test")
		require.ErrorIs(t, err, retailq.ErrConflict)
		var e *retailq.Error
		require.ErrorAs(t, err, &e)
		require.Contains(t, e.Hint, "retailq migrate up")
	})
	t.Run("a database that is not there", func(t *testing.T) {
		t.Parallel()
		_, err := boot.Scheduler(t.Context(), config.Scheduler{
			Database: config.Database{URL: "postgres://nobody@127.0.0.1:1/nowhere"},
		}, "test")
		require.ErrorIs(t, err, retailq.ErrUnavailable)
	})
	t.Run("an address that is taken", func(t *testing.T) {
		t.Parallel()
		environ := surroundings(t)
		first := run(t, boot.API, environ)
		cfg, err := config.Load[config.API](append(environ, "RETAILQ_API_ADDR="+first.Addr))
		require.NoError(t, err)
		_, err = boot.API(t.Context(), cfg, "test")
		require.ErrorContains(t, err, "listen on "+first.Addr)
	})
	t.Run("settings that are wrong", func(t *testing.T) {
		t.Parallel()
		err := boot.Run(t.Context(), boot.Process{Name: "api"}, boot.API)
		require.ErrorIs(t, err, retailq.ErrInvalid)
		require.ErrorContains(t, err, "RETAILQ_DATABASE_URL is not set")
	})
}

// surroundings is an environment with servers for this test alone, and free ports.
func surroundings(t *testing.T) []string {
	t.Helper()
	bucket := devstacktest.Bucket(t)
	return []string{
		"RETAILQ_DATABASE_URL=" + devstacktest.Postgres(t),
		"RETAILQ_REDIS_URL=" + devstacktest.Redis(t),
		"RETAILQ_S3_ENDPOINT=" + bucket.Endpoint,
		"RETAILQ_S3_BUCKET=" + bucket.Bucket,
		"AWS_ACCESS_KEY_ID=" + bucket.AccessKey,
		"AWS_SECRET_ACCESS_KEY=" + bucket.SecretKey,
		"AWS_REGION=" + bucket.Region,
		"RETAILQ_TOKEN_SECRET=" + strings.Repeat("secret ", 6),
		"RETAILQ_API_ADDR=127.0.0.1:0",
		"RETAILQ_METRICS_ADDR=127.0.0.1:0",
	}
}

// run starts a service, and at the end of the test tells it to end, which must succeed.
func run[C any](
	t *testing.T, open func(context.Context, C, string) (*boot.Service, error), environ []string,
) *boot.Service {
	t.Helper()
	cfg, err := config.Load[C](environ)
	require.NoError(t, err)
	service, err := open(t.Context(), cfg, "test")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	return service
}

func requireMetrics(t *testing.T, service *boot.Service) {
	t.Helper()
	status, _ := get(t, "http://"+service.MetricsAddr+"/metrics")
	require.Equal(t, http.StatusOK, status)
}

// get returns the status of an answer, and its body where that is a JSON object.
func get(t *testing.T, url string) (status int, body map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	_ = json.NewDecoder(res.Body).Decode(&body)
	return res.StatusCode, body
}
