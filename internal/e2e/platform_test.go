package e2e

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack/devstacktest"
	"retailq/ops"
	"retailq/store"
)

// patience is how long a test waits for what must happen sooner or later.
const patience = 2 * time.Minute

const tokenSecret = "a secret of more than thirty-two bytes"

// platform is an api, a scheduler and any number of workers, with a database and a bucket of their own and two tenants.
type platform struct {
	db     *store.DB
	pool   *pgxpool.Pool // for looks behind the code under test
	redis  *redis.Client
	tokens *ops.Tokens
	env    []string
	url    string

	shop, other retailq.Tenant
}

// settings say what differs between platforms.
type settings struct {
	// redisURL is empty for a logical database on the shared server.
	redisURL string
	// shutdown is how long work may go on after SIGTERM; 0 means 10 s.
	shutdown time.Duration
	// production leaves everything about imports and liveness at its default.
	production bool
}

// newPlatform starts a platform without workers. Unless its settings say otherwise, chunks are small and dead workers
// are noticed soon, so that much can happen in a short import.
func newPlatform(t *testing.T, s settings) *platform {
	t.Helper()
	p := &platform{tokens: ops.NewTokens([]byte(tokenSecret), time.Hour)}
	databaseURL := devstacktest.Postgres(t)
	if s.redisURL == "" {
		s.redisURL = devstacktest.Redis(t)
	}
	p.env = environ(t, s, databaseURL)
	p.connect(t, databaseURL, s.redisURL)
	var err error
	p.shop, err = p.db.CreateTenant(t.Context(),
		retailq.Tenant{Slug: "shop", Name: "Shop", Country: "BD", TimeZone: "Asia/Dhaka"})
	require.NoError(t, err)
	p.other, err = p.db.CreateTenant(t.Context(),
		retailq.Tenant{Slug: "other", Name: "Other", Country: "BD", TimeZone: "UTC"})
	require.NoError(t, err)
	run(t, "scheduler", p.env)
	api := run(t, "api", p.env)
	p.url = "http://" + api.expect(t, "its address", func(l line) bool { return l.Addr != "" }).Addr
	return p
}

func environ(t *testing.T, s settings, databaseURL string) []string {
	t.Helper()
	s3 := devstacktest.Bucket(t)
	if s.shutdown == 0 {
		s.shutdown = 10 * time.Second
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir(),
		"RETAILQ_DATABASE_URL=" + databaseURL, "RETAILQ_REDIS_URL=" + s.redisURL,
		"RETAILQ_S3_ENDPOINT=" + s3.Endpoint, "RETAILQ_S3_BUCKET=" + s3.Bucket, "AWS_REGION=" + s3.Region,
		"AWS_ACCESS_KEY_ID=" + s3.AccessKey, "AWS_SECRET_ACCESS_KEY=" + s3.SecretKey,
		"RETAILQ_TOKEN_SECRET=" + tokenSecret, "RETAILQ_API_ADDR=127.0.0.1:0", "RETAILQ_LOG_FORMAT=json",
		"RETAILQ_SHUTDOWN_TIMEOUT=" + s.shutdown.String(),
	}
	if s.production {
		return env
	}
	return append(env,
		"RETAILQ_CHUNK_ROWS="+strconv.Itoa(chunkRows), "RETAILQ_WORKER_CONCURRENCY="+strconv.Itoa(concurrency),
		"RETAILQ_DATABASE_MAX_CONNS=6", "RETAILQ_HEARTBEAT_INTERVAL="+heartbeat.String(), "RETAILQ_RESCUE_AFTER=1s",
		"RETAILQ_DISPATCH_INTERVAL=100ms", "RETAILQ_RERING_AFTER=2s")
}

// What settings make of the platform's configuration.
const (
	chunkRows   = 500
	concurrency = 2 // of a worker, half of an import's window
	heartbeat   = 200 * time.Millisecond
)

func (p *platform) connect(t *testing.T, databaseURL, redisURL string) {
	t.Helper()
	var err error
	p.db, err = store.Open(t.Context(), databaseURL, store.Options{MaxConns: 4, Name: "e2e"})
	require.NoError(t, err)
	t.Cleanup(p.db.Close)
	p.pool, err = pgxpool.New(t.Context(), databaseURL)
	require.NoError(t, err)
	t.Cleanup(p.pool.Close)
	options, err := redis.ParseURL(redisURL)
	require.NoError(t, err)
	p.redis = redis.NewClient(options)
	t.Cleanup(func() { require.NoError(t, p.redis.Close()) })
}

// worker starts a worker.
func (p *platform) worker(t *testing.T) *process {
	t.Helper()
	return run(t, "worker", p.env)
}

// workers starts n workers.
func (p *platform) workers(t *testing.T, n int) []*process {
	t.Helper()
	list := make([]*process, n)
	for i := range list {
		list[i] = p.worker(t)
	}
	return list
}

// one returns the only row of a query that has one column.
func one[T any](t *testing.T, p *platform, sql string, args ...any) T {
	t.Helper()
	rows, err := p.pool.Query(t.Context(), sql, args...)
	require.NoError(t, err)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	require.NoError(t, err, "%s %v", sql, args)
	return v
}
