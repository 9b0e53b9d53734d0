package devstack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func pidFile(dir string, part Part) string { return filepath.Join(dir, string(part)+".pid") }

// endOrphans ends the servers that a killed process has left behind on dir, and waits for those that are just ending.
func endOrphans(dir string) error {
	var errs []error
	for _, part := range []Part{PartPostgres, PartRedis, PartS3} {
		errs = append(errs, endOrphan(dir, part))
	}
	return errors.Join(errs...)
}

// endOrphan takes a process for the server only if its command line names the data directory: ids are reused.
func endOrphan(dir string, part Part) error {
	raw, err := os.ReadFile(pidFile(dir, part))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for an orphaned %s: %w", part, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	data := filepath.Join(dir, string(part))
	if err == nil && servesFrom(pid, data) {
		if !endOther(pid, data, syscall.SIGINT) && !endOther(pid, data, syscall.SIGKILL) {
			return fmt.Errorf("an orphaned %s (pid %d) of %s cannot be ended", part, pid, dir)
		}
	}
	if err := os.Remove(pidFile(dir, part)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget an orphaned %s: %w", part, err)
	}
	return nil
}

// orphanTimeout is what an orphan gets to end: Postgres may have much to write.
const orphanTimeout = 20 * time.Second

// endOther signals a process that is not a child of this one and reports whether it has ended in time.
func endOther(pid int, data string, sig syscall.Signal) bool {
	_ = syscall.Kill(pid, sig)
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for deadline := time.Now().Add(orphanTimeout); time.Now().Before(deadline); <-tick.C {
		if !servesFrom(pid, data) {
			return true
		}
	}
	return false
}

// servesFrom reports whether the process runs with data as one of its arguments. A zombie has no arguments.
func servesFrom(pid int, data string) bool {
	for _, arg := range arguments(pid) {
		if arg == data {
			return true
		}
	}
	return false
}
