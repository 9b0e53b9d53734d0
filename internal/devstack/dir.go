package devstack

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"retailq"
)

// lockDir makes this process the only user of dir until release is called or the process ends, however it ends.
func lockDir(dir string) (release func() error, err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock directory of the servers: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		owner, _ := io.ReadAll(f)
		_ = f.Close()
		return nil, retailq.Conflict("stack_in_use", "another retailq up (pid %s) uses %s", owner, dir).
			WithHint("Stop it, or pass --dir.")
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock directory of the servers: %w", err), f.Close())
	}
	return f.Close, nil
}

// The process id in the name tells whether a directory is still in use.
const tempPrefix = "retailq-stack-"

// TempDir makes a directory for servers, or for a program that serves, that need not outlive this process. Those of
// processes that have ended without removing theirs are removed.
func TempDir() (string, error) {
	removeLeftovers()
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", tempPrefix, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("temporary directory of the servers: %w", err)
	}
	// The account that Postgres runs as must be able to enter.
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // secrets in it have modes of their own
		return "", fmt.Errorf("temporary directory of the servers: %w", err)
	}
	return dir, nil
}

// removeLeftovers is a courtesy: what cannot be removed, such as another user's, is left alone.
func removeLeftovers() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), tempPrefix+"*"))
	for _, dir := range dirs {
		name := strings.TrimPrefix(filepath.Base(dir), tempPrefix)
		owner, _, _ := strings.Cut(name, "-")
		pid, err := strconv.Atoi(owner)
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		// The owner may live in another container that shares the directory.
		release, err := lockDir(dir)
		if err != nil {
			continue
		}
		_ = endOrphans(dir)
		_ = os.RemoveAll(dir)
		_ = release()
	}
}
