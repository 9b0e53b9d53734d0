package devstack_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack"
	"retailq/internal/devstack/s3server"
)

func start(t *testing.T, opts devstack.Options) *devstack.Stack {
	t.Helper()
	program, err := s3server.Program()
	require.NoError(t, err)
	opts.S3Program = program
	stack, err := devstack.Start(t.Context(), opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Stop()) })
	return stack
}

func TestDataAndAddressesSurviveARestart(t *testing.T) {
	t.Parallel()
	// t.TempDir may only be entered by its owner: Postgres has to get in all the same.
	dir := filepath.Join(t.TempDir(), "stack")

	first := start(t, devstack.Options{Dir: dir, Durable: true})
	write(t, first)
	require.Len(t, first.Pids(), 3)
	pids := first.Pids()
	require.NoError(t, first.Stop())
	require.NoError(t, first.Stop(), "a second Stop does nothing")
	require.Empty(t, first.Pids())
	for _, pid := range pids {
		require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
	}

	second := start(t, devstack.Options{Dir: dir, Durable: true})
	require.Equal(t, first.Addresses, second.Addresses)
	requireWritten(t, second)
}

func TestServersAreReplacedInPlace(t *testing.T) {
	t.Parallel()
	stack := start(t, devstack.Options{})
	write(t, stack)
	for _, server := range []*devstack.Server{stack.Postgres, stack.Redis, stack.ObjectStore} {
		before, addr := server.Pid(), server.Addr()
		require.NoError(t, server.Restart(t.Context()))
		require.NotEqual(t, before, server.Pid())
		require.NoError(t, server.Kill())
		require.Zero(t, server.Pid())
		require.NoError(t, server.Start(t.Context()))
		require.Equal(t, addr, server.Addr())
	}
	requireWritten(t, stack)
}

func TestTemporaryDirectoryIsRemoved(t *testing.T) {
	t.Parallel()
	stack := start(t, devstack.Options{Parts: []devstack.Part{devstack.PartRedis}})
	require.DirExists(t, stack.Dir)
	require.Nil(t, stack.Postgres)
	require.NoError(t, stack.Stop())
	require.NoDirExists(t, stack.Dir)
}

func TestOneStackPerDirectory(t *testing.T) {
	t.Parallel()
	opts := devstack.Options{Dir: t.TempDir(), Parts: []devstack.Part{devstack.PartRedis}}
	start(t, opts)
	_, err := devstack.Start(t.Context(), opts)
	require.ErrorIs(t, err, retailq.ErrConflict)
	require.ErrorContains(t, err, "another retailq up (pid ")
	require.ErrorContains(t, err, opts.Dir)
}

func TestMissingProgramNamesThePackage(t *testing.T) {
	t.Parallel()
	for part, wanted := range map[devstack.Part]string{
		devstack.PartPostgres: "install the package postgresql",
		devstack.PartRedis:    "install the package redis-server",
	} {
		_, err := devstack.Start(t.Context(), devstack.Options{
			Parts: []devstack.Part{part}, BinDirs: []string{t.TempDir()},
		})
		require.ErrorIs(t, err, retailq.ErrUnavailable)
		require.ErrorContains(t, err, "is not installed")
		require.ErrorContains(t, err, wanted)
	}
}

func TestOldProgramIsNamed(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	script := "#!/bin/sh\necho 'Redis server v=5.0.14 sha=0'\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "redis-server"), []byte(script), 0o755))
	_, err := devstack.Start(t.Context(), devstack.Options{
		Parts: []devstack.Part{devstack.PartRedis}, BinDirs: []string{bin},
	})
	require.ErrorContains(t, err, "Redis 6.2 or newer is needed; there is only 5.0 in "+bin)
}

func TestFailedStartShowsTheLog(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	script := "#!/bin/sh\n[ \"$1\" = --version ] && echo 'v=7.0' && exit\necho out of coffee; exit 3\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "redis-server"), []byte(script), 0o755))
	_, err := devstack.Start(t.Context(), devstack.Options{
		Parts: []devstack.Part{devstack.PartRedis}, BinDirs: []string{bin},
	})
	require.ErrorContains(t, err, "redis ended while starting (exit status 3)")
	require.ErrorContains(t, err, "out of coffee")
}

// write leaves a row, a key and two versions of an object.
func write(t *testing.T, stack *devstack.Stack) {
	t.Helper()
	ctx := t.Context()
	inPostgres(t, stack, func(conn *pgx.Conn) {
		_, err := conn.Exec(ctx, `CREATE TABLE notes AS SELECT 'kept' AS note`)
		require.NoError(t, err)
	})
	inRedis(t, stack, func(client *redis.Client) {
		require.NoError(t, client.Set(ctx, "note", "kept", 0).Err())
	})
	for _, text := range []string{"older", "kept"} {
		key, body := "notes/note", []byte(text)
		_, err := s3Client(stack.S3).PutObject(ctx, &s3.PutObjectInput{
			Bucket: &stack.S3.Bucket, Key: &key, Body: bytes.NewReader(body),
		})
		require.NoError(t, err)
	}
}

func requireWritten(t *testing.T, stack *devstack.Stack) {
	t.Helper()
	ctx := t.Context()
	inPostgres(t, stack, func(conn *pgx.Conn) {
		var note string
		require.NoError(t, conn.QueryRow(ctx, `SELECT note FROM notes`).Scan(&note))
		require.Equal(t, "kept", note)
	})
	inRedis(t, stack, func(client *redis.Client) {
		require.Equal(t, "kept", client.Get(ctx, "note").Val())
	})
	versions, err := s3Client(stack.S3).ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &stack.S3.Bucket})
	require.NoError(t, err)
	require.Len(t, versions.Versions, 2)
	older := versions.Versions[1]
	object, err := s3Client(stack.S3).GetObject(ctx, &s3.GetObjectInput{
		Bucket: &stack.S3.Bucket, Key: older.Key, VersionId: older.VersionId,
	})
	require.NoError(t, err)
	body, err := io.ReadAll(object.Body)
	require.NoError(t, err)
	require.NoError(t, object.Body.Close())
	require.Equal(t, "older", string(body))
}

func inPostgres(t *testing.T, stack *devstack.Stack, do func(*pgx.Conn)) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), stack.DatabaseURL)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	do(conn)
}

func inRedis(t *testing.T, stack *devstack.Stack, do func(*redis.Client)) {
	t.Helper()
	opts, err := redis.ParseURL(stack.RedisURL)
	require.NoError(t, err)
	client := redis.NewClient(opts)
	defer func() { require.NoError(t, client.Close()) }()
	do(client)
}

func s3Client(a devstack.S3) *s3.Client {
	return s3.New(s3.Options{
		Region: a.Region, BaseEndpoint: &a.Endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(a.AccessKey, a.SecretKey, ""),
	})
}

func TestSecretsAreNotReadableByOthers(t *testing.T) {
	t.Parallel()
	stack := start(t, devstack.Options{Parts: []devstack.Part{devstack.PartRedis}})
	files, err := filepath.Glob(filepath.Join(stack.Dir, "*"))
	require.NoError(t, err)
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Zero(t, info.Mode()&0o077, "%s is %s", strings.TrimPrefix(file, stack.Dir), info.Mode())
	}
}
