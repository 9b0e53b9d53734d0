package devstacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"retailq/internal/devstack"
	"retailq/store"
)

// Private starts servers for this test alone, which it may stop, kill, flush and restart; they end with the test.
// Without parts it starts all three. The database has the schema of the platform.
func Private(t testing.TB, parts ...devstack.Part) *devstack.Stack {
	t.Helper()
	opts := devstack.Options{Parts: parts}
	if len(parts) == 0 || slices.Contains(parts, devstack.PartS3) {
		program, err := s3Program()
		if err != nil {
			t.Fatalf("private servers: %v", err)
		}
		opts.S3Program = program
	}
	stack, err := devstack.Start(t.Context(), opts)
	if err != nil {
		t.Fatalf("private servers: %v", err)
	}
	t.Cleanup(func() {
		if err := stack.Stop(); err != nil {
			t.Errorf("stop private servers: %v", err)
		}
	})
	if stack.Postgres != nil {
		if err := store.Migrate(t.Context(), stack.DatabaseURL); err != nil {
			t.Fatalf("migrate private database: %v", err)
		}
	}
	return stack
}

// given returns what command servers has told this process. ok is false without that command.
func given() (run devstack.TestRun, ok bool, err error) {
	raw := os.Getenv(devstack.TestRunVar)
	if raw == "" {
		return run, false, nil
	}
	if err := json.Unmarshal([]byte(raw), &run); err != nil {
		return run, false, fmt.Errorf("read %s: %w", devstack.TestRunVar, err)
	}
	return run, true, nil
}

var (
	sharedPostgres = shared(devstack.PartPostgres)
	sharedRedis    = shared(devstack.PartRedis)
	sharedS3       = shared(devstack.PartS3)
)

// shared returns a function that finds the server of the run, or starts one for this process at its first call. There
// is no end of a test process at which to stop it: the system ends it, and the next run removes its directory.
func shared(part devstack.Part) func() (devstack.Addresses, error) {
	return sync.OnceValues(func() (devstack.Addresses, error) {
		run, ok, err := given()
		if err != nil || ok {
			return run.Addresses, err
		}
		opts := devstack.Options{Parts: []devstack.Part{part}}
		if part == devstack.PartS3 {
			if opts.S3Program, err = s3Program(); err != nil {
				return devstack.Addresses{}, err
			}
		}
		stack, err := devstack.Start(context.Background(), opts)
		if err != nil {
			return devstack.Addresses{}, err
		}
		return stack.Addresses, nil
	})
}

// s3Program returns a program that can serve S3: that of the run, or one built here. A test binary could do it too,
// but every one would then link the server and its modules.
var s3Program = sync.OnceValues(func() (string, error) {
	run, ok, err := given()
	if err != nil || ok {
		return run.S3Program, err
	}
	dir, err := devstack.TempDir()
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "servers")
	out, err := exec.Command("go", "build", "-o", program, "retailq/internal/devstack/cmd/servers").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the S3 server: %w\n%s", err, out)
	}
	return program, nil
})
