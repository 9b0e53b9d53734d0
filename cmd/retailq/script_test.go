package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"retailq/internal/devstack"
	"retailq/internal/devstack/devstacktest"
)

// TestMain makes this test binary the command retailq, for scripts and for tests that start processes.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"retailq": func() { os.Exit(run()) }})
}

// TestScripts runs the sessions in testdata/script: what a user types, and what must be seen then. Each gets servers
// by naming them:
//
//	postgres         a database with the schema of the platform, in RETAILQ_DATABASE_URL
//	postgres empty   one without any schema
//	redis            a logical database, in RETAILQ_REDIS_URL
//	s3               a bucket, in RETAILQ_S3_BUCKET and the variables that belong to it
//	s3 nobucket      the same, with the name of a bucket that is not there
//
// The command "status N COMMAND…" checks an exit status.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txt")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Files:               []string{file},
				RequireExplicitExec: true,
				Setup: func(env *testscript.Env) error {
					env.Setenv("RETAILQ_TOKEN_SECRET", strings.Repeat("secret ", 6))
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"status": exitsWith,
					"postgres": func(ts *testscript.TestScript, _ bool, args []string) {
						ts.Setenv("RETAILQ_DATABASE_URL", databaseURL(t, len(args) > 0 && args[0] == "empty"))
					},
					"redis": func(ts *testscript.TestScript, _ bool, _ []string) {
						ts.Setenv("RETAILQ_REDIS_URL", devstacktest.Redis(t))
					},
					"s3": func(ts *testscript.TestScript, _ bool, args []string) {
						bucket := devstacktest.Bucket(t)
						if len(args) > 0 && args[0] == "nobucket" {
							bucket.Bucket += "-missing"
						}
						ts.Setenv("RETAILQ_S3_ENDPOINT", bucket.Endpoint)
						ts.Setenv("RETAILQ_S3_BUCKET", bucket.Bucket)
						ts.Setenv("AWS_REGION", bucket.Region)
						ts.Setenv("AWS_ACCESS_KEY_ID", bucket.AccessKey)
						ts.Setenv("AWS_SECRET_ACCESS_KEY", bucket.SecretKey)
					},
				},
			})
		})
	}
}

func databaseURL(t *testing.T, empty bool) string {
	t.Helper()
	if !empty {
		return devstacktest.Postgres(t)
	}
	stack, err := devstack.Start(t.Context(), devstack.Options{Parts: []devstack.Part{devstack.PartPostgres}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Stop()) })
	return stack.DatabaseURL
}

// exitsWith runs a command that must end with the status that is the first argument.
func exitsWith(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND…")
	}
	status := 0
	err := ts.Exec(args[1], args[2:]...)
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		status = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("run: %v", err)
	}
	if args[0] != strconv.Itoa(status) {
		ts.Fatalf("exit status %d, want %s", status, args[0])
	}
}
