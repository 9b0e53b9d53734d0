package devstacktest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"retailq/internal/devstack"
	"retailq/internal/devstack/devstacktest"
)

func TestDatabasesAreMigratedAndSeparate(t *testing.T) {
	t.Parallel()
	first, second := devstacktest.Postgres(t), devstacktest.Postgres(t)
	query(t, first, `CREATE TABLE mine AS SELECT 1 AS n`, `SELECT n FROM mine`)
	require.Equal(t, int64(0), query(t, second, `SELECT count(*) FROM jobs`))
	require.Equal(t, int64(0), query(t, second, `SELECT count(*) FROM pg_tables WHERE tablename = 'mine'`))
}

func TestDatabasesAreDropped(t *testing.T) { //nolint:tparallel // looks at what its subtest has left
	t.Parallel()
	var gone string
	t.Run("uses one and leaves a connection open", func(t *testing.T) {
		gone = devstacktest.Postgres(t)
		_, err := pgx.Connect(t.Context(), gone)
		require.NoError(t, err)
	})
	_, err := pgx.Connect(t.Context(), gone)
	require.ErrorContains(t, err, "does not exist")
}

func TestRedisDatabasesAreSeparateAndEmptied(t *testing.T) { //nolint:tparallel // as above
	t.Parallel()
	var used string
	t.Run("uses one beside another", func(t *testing.T) {
		used = devstacktest.Redis(t)
		require.NoError(t, open(t, used).Set(t.Context(), "key", "value", 0).Err())
		require.Zero(t, open(t, devstacktest.Redis(t)).DBSize(t.Context()).Val())
	})
	require.Zero(t, open(t, used).DBSize(t.Context()).Val())
}

func TestBucketsAreSeparate(t *testing.T) {
	t.Parallel()
	first, second := devstacktest.Bucket(t), devstacktest.Bucket(t)
	require.NotEqual(t, first.Bucket, second.Bucket)
	first.Bucket, second.Bucket = "", ""
	require.Equal(t, first, second, "one server")
}

func TestPrivateServersCanBeBroken(t *testing.T) {
	t.Parallel()
	stack := devstacktest.Private(t, devstack.PartPostgres, devstack.PartRedis)
	client := open(t, stack.RedisURL)
	require.NoError(t, client.FlushAll(t.Context()).Err())
	require.NoError(t, stack.Redis.Kill())
	require.Error(t, client.Ping(t.Context()).Err())
	require.NoError(t, stack.Redis.Start(t.Context()))
	require.NoError(t, client.Ping(t.Context()).Err())
	require.NoError(t, stack.Postgres.Restart(t.Context()))
	require.Equal(t, int64(0), query(t, stack.DatabaseURL, `SELECT count(*) FROM jobs`))
}

func BenchmarkPostgres(b *testing.B) {
	devstacktest.Postgres(b)
	for b.Loop() {
		devstacktest.Postgres(b)
	}
}

// query runs the statements and returns the number that the last one selects.
func query(t *testing.T, url string, statements ...string) int64 {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	last := len(statements) - 1
	for _, sql := range statements[:last] {
		_, err := conn.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	var n int64
	require.NoError(t, conn.QueryRow(t.Context(), statements[last]).Scan(&n))
	return n
}

func open(t *testing.T, url string) *redis.Client {
	t.Helper()
	opts, err := redis.ParseURL(url)
	require.NoError(t, err)
	client := redis.NewClient(opts)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}
