package config_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/config"
)

// environ returns an environment in which every command starts, with changes such as "RETAILQ_LOG_LEVEL=debug".
func environ(changes ...string) []string {
	return append([]string{
		"HOME=/root",
		"RETAILQ_DATABASE_URL=postgres://retailq:hunter2@db:5432/retailq",
		"RETAILQ_REDIS_URL=redis://:hunter2@redis:6379/0",
		"RETAILQ_S3_BUCKET=retailq",
		"RETAILQ_TOKEN_SECRET=" + strings.Repeat("s", 32),
	}, changes...)
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	api, err := config.Load[config.API](environ())
	require.NoError(t, err)
	want := config.API{
		Server:   config.Server{Addr: "127.0.0.1:8080"},
		Shutdown: config.Shutdown{Timeout: 20 * time.Second},
		Database: config.Database{URL: "postgres://retailq:hunter2@db:5432/retailq", MaxConns: 10},
		Redis:    config.Redis{URL: "redis://:hunter2@redis:6379/0"},
		S3:       config.S3{Bucket: "retailq", PathStyle: true},
		Auth:     config.Auth{TokenSecret: config.Secret(strings.Repeat("s", 32)), TokenTTL: 12 * time.Hour},
		Requests: config.Requests{MaxBody: 1 << 20, PageMax: 200, UploadURLTTL: 15 * time.Minute},
		Files:    config.Files{MaxUpload: 10 << 30, MaxRows: 20_000_000, MaxColumns: 200},
		Logs:     config.Logs{Level: slog.LevelInfo, Format: "auto"},
	}
	require.Empty(t, cmp.Diff(want, api))

	worker, err := config.Load[config.Worker](environ("RETAILQ_WORKER_CONCURRENCY=8", "RETAILQ_LOG_LEVEL=debug"))
	require.NoError(t, err)
	require.Equal(t, config.Pool{Concurrency: 8, PollInterval: 10 * time.Millisecond}, worker.Pool)
	require.Equal(t, config.Imports{ChunkRows: 5000, Window: 4}, worker.Imports)
	require.Equal(t, slog.LevelDebug, worker.Logs.Level)

	scheduler, err := config.Load[config.Scheduler](environ())
	require.NoError(t, err)
	require.Equal(t, config.Liveness{HeartbeatInterval: time.Second, RescueAfter: 10 * time.Second}, scheduler.Liveness)
	require.Equal(t, config.Dispatch{Interval: time.Second / 2, ReringAfter: 10 * time.Second}, scheduler.Dispatch)

	client, err := config.Load[config.Client](nil)
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:8080", client.API.URL)
}

func TestEmptyMeansNotSet(t *testing.T) {
	t.Parallel()
	api, err := config.Load[config.API](environ("RETAILQ_LOG_FORMAT=", "RETAILQ_PAGE_MAX=", "RETAILQ_METRICS_ADDR="))
	require.NoError(t, err)
	require.Equal(t, "auto", api.Logs.Format)
	require.Equal(t, 200, api.Requests.PageMax)
	require.Empty(t, api.Metrics.Addr)
}

func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := config.Load[config.API]([]string{
		"RETAILQ_DATABASE_URL=mysql://root:hunter2@db/x", "RETAILQ_TOKEN_SECRET=hunter2", "RETAILQ_TOKEN_TTL=12",
		"RETAILQ_MAX_BODY=1 megabyte", "RETAILQ_LOG_LEVEL=loud",
	})
	require.ErrorIs(t, err, retailq.ErrInvalid)
	require.Equal(t, strings.TrimSpace(`
the configuration is not valid:
  RETAILQ_DATABASE_URL must start with postgres:// or postgresql://; `+
		`right would be: RETAILQ_DATABASE_URL=postgres://retailq:password@db:5432/retailq
  RETAILQ_LOG_LEVEL is "loud", which is not debug, info, warn or error; right would be: RETAILQ_LOG_LEVEL=info
  RETAILQ_MAX_BODY is "1 megabyte", which is not a size with its unit (KiB, MiB, GiB, or B); `+
		`right would be: RETAILQ_MAX_BODY=1MiB
  RETAILQ_REDIS_URL is not set; right would be: RETAILQ_REDIS_URL=redis://redis:6379/0
  RETAILQ_S3_BUCKET is not set; right would be: RETAILQ_S3_BUCKET=retailq
  RETAILQ_TOKEN_SECRET has 7 bytes, and needs at least 32; `+
		`right would be: RETAILQ_TOKEN_SECRET=$(openssl rand -base64 48)
  RETAILQ_TOKEN_TTL is "12", which is not a duration with its unit (ms, s, m or h); `+
		`right would be: RETAILQ_TOKEN_TTL=12h`), err.Error())
}

// problems returns the variables at fault.
func problems(t *testing.T, err error) []string {
	t.Helper()
	var invalid *config.Error
	require.ErrorAs(t, err, &invalid)
	var variables []string
	for _, p := range invalid.Problems {
		require.NotEmpty(t, p.Example, "%s has no example", p.Variable)
		variables = append(variables, p.Variable)
	}
	return variables
}

func TestEveryRule(t *testing.T) {
	t.Parallel()
	for _, change := range []string{
		"RETAILQ_DATABASE_URL=postgres:", "RETAILQ_DATABASE_URL=postgres://a:%zz@db/x", "RETAILQ_DATABASE_MAX_CONNS=1",
		"RETAILQ_DATABASE_MAX_CONNS=4", "RETAILQ_DATABASE_MAX_CONNS=many", "RETAILQ_REDIS_URL=redis",
		"RETAILQ_S3_ENDPOINT=s3:9000", "RETAILQ_S3_ENDPOINT=http://s3:9000/retailq", "RETAILQ_S3_PATH_STYLE=perhaps",
		"RETAILQ_S3_PUBLIC_ENDPOINT=ftp://x", "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "RETAILQ_API_ADDR=8080",
		"RETAILQ_API_ADDR=:99999", "RETAILQ_METRICS_ADDR=9090", "RETAILQ_METRICS_ADDR=127.0.0.1:8080",
		"RETAILQ_LOG_FORMAT=xml", "RETAILQ_TOKEN_TTL=1s", "RETAILQ_WORKER_CONCURRENCY=0", "RETAILQ_POLL_INTERVAL=0s",
		"RETAILQ_HEARTBEAT_INTERVAL=1ms", "RETAILQ_RESCUE_AFTER=3s", "RETAILQ_DISPATCH_INTERVAL=1ms",
		"RETAILQ_RERING_AFTER=900ms", "RETAILQ_SHUTDOWN_TIMEOUT=0s", "RETAILQ_MAX_BODY=1B", "RETAILQ_MAX_BODY=11GiB",
		"RETAILQ_MAX_UPLOAD=0B", "RETAILQ_MAX_ROWS=0", "RETAILQ_MAX_COLUMNS=1", "RETAILQ_PAGE_MAX=49",
		"RETAILQ_UPLOAD_URL_TTL=200h", "RETAILQ_CHUNK_ROWS=0", "RETAILQ_IMPORT_WINDOW=0", "RETAILQ_URL=localhost:8080",
	} {
		variable, _, _ := strings.Cut(change, "=")
		variables := environ("AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=s", change)
		_, ofAPI := config.Load[config.API](variables)
		_, ofWorker := config.Load[config.Worker](variables)
		_, ofScheduler := config.Load[config.Scheduler](variables)
		_, ofClient := config.Load[config.Client](variables)
		err := errors.Join(ofAPI, ofWorker, ofScheduler, ofClient)
		require.Contains(t, problems(t, err), variable, change)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestOwnCombinationOfBlocks(t *testing.T) {
	t.Parallel()
	type settings struct {
		Redis config.Redis
		S3    config.S3
	}
	_, err := config.Load[settings](nil)
	require.Equal(t, []string{"RETAILQ_REDIS_URL", "RETAILQ_S3_BUCKET"}, problems(t, err))
	got, err := config.Load[settings](environ())
	require.NoError(t, err)
	require.Equal(t, "retailq", got.S3.Bucket)
}

func TestSettingsCanBePrinted(t *testing.T) {
	t.Parallel()
	api, err := config.Load[config.API](environ())
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		require.NotContains(t, fmt.Sprintf(verb, api), "hunter2")
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	got := config.Warnings(environ(
		"RETAILQ_LOG_LEVELS=debug", "RETAILQ_FLUX=1", "RETAILQ_TEST_S3_ENDPOINT=x", "PATH=/bin",
	))
	require.Equal(t, []string{
		"RETAILQ_FLUX is not a setting of retailq and has no effect",
		"RETAILQ_LOG_LEVELS is not a setting of retailq and has no effect; did you mean RETAILQ_LOG_LEVEL?",
	}, got)
}
