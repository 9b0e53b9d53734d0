package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq/internal/devstack"
)

// patience is what a busy machine may take for what otherwise takes a second.
const patience = time.Minute

func TestUpRestartsTheDeadAndEndsInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	up := startUp(t, dir)
	password := up.password(t)
	require.Len(t, up.pids(t), 6, "api, scheduler, worker and three servers")

	worker := up.pid(t, "worker-1")
	require.NoError(t, syscall.Kill(worker, syscall.SIGKILL))
	require.Eventually(t, func() bool {
		return strings.Contains(up.stderr.String(), fmt.Sprintf("worker-1 (pid %d) died", worker))
	}, patience, 10*time.Millisecond)
	log := filepath.Join(dir, "logs", "worker-1.log")
	require.Eventually(t, func() bool {
		return strings.Count(content(t, log), `"msg":"started"`) == 2
	}, patience, 10*time.Millisecond)

	second := exec.CommandContext(t.Context(), "retailq", "up", "--dir", dir)
	out, err := second.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, exitConflict, second.ProcessState.ExitCode(), "%s", out)

	require.NoError(t, up.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, up.cmd.Wait(), "the end that was asked for is status 0")
	up.requireGone(t)
	require.Contains(t, content(t, log), `"msg":"stopped"`, "the worker was let finish")

	again := startUp(t, dir)
	require.Equal(t, password, again.password(t), "the next start has the same login")
}

func TestUpLeavesNothingBehindWhenKilled(t *testing.T) {
	t.Parallel()
	up := startUp(t, t.TempDir())
	require.NoError(t, up.cmd.Process.Kill())
	require.Error(t, up.cmd.Wait())
	up.requireGone(t)
}

// running is a `retailq up` that is up.
type running struct {
	cmd    *exec.Cmd
	banner string
	stderr *output
}

// startUp runs `retailq up` and returns once it has printed its banner.
func startUp(t *testing.T, dir string) *running {
	t.Helper()
	addr, err := devstack.FreeAddr()
	require.NoError(t, err)
	up := &running{cmd: exec.Command("retailq", "up", "--dir", dir, "--workers", "1"), stderr: &output{}}
	up.cmd.Env = append(os.Environ(), "RETAILQ_API_ADDR="+addr)
	up.cmd.Stderr = up.stderr
	stdout, err := up.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, up.cmd.Start())
	t.Cleanup(func() {
		_ = up.cmd.Process.Signal(syscall.SIGTERM)
		_ = up.cmd.Wait()
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		up.banner += lines.Text() + "\n"
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			return up
		}
	}
	t.Fatalf("up ended:\n%s%s", up.banner, up.stderr)
	return nil
}

var (
	pidLine      = regexp.MustCompile(`(?m)^  (\S+) +pid (\d+) `)
	passwordLine = regexp.MustCompile(`admin@retailq\.example +(\w+) `)
)

// pids returns the process ids in the banner by name.
func (r *running) pids(t *testing.T) map[string]int {
	t.Helper()
	pids := map[string]int{}
	for _, m := range pidLine.FindAllStringSubmatch(r.banner, -1) {
		pid, err := strconv.Atoi(m[2])
		require.NoError(t, err)
		pids[m[1]] = pid
	}
	return pids
}

func (r *running) pid(t *testing.T, name string) int {
	t.Helper()
	pid, found := r.pids(t)[name]
	require.True(t, found, "no %s in\n%s", name, r.banner)
	return pid
}

func (r *running) password(t *testing.T) string {
	t.Helper()
	m := passwordLine.FindStringSubmatch(r.banner)
	require.NotNil(t, m, "no password in\n%s", r.banner)
	return m[1]
}

func (r *running) requireGone(t *testing.T) {
	t.Helper()
	for name, pid := range r.pids(t) {
		require.Eventually(t, func() bool { return gone(pid) }, patience, 10*time.Millisecond, "%s still runs", name)
	}
}

// gone reports whether a process has ended. One that has and that nobody has waited for, as its parent was killed, is
// still there by number, but without arguments.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err != nil || len(args) == 0
}

func content(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(raw)
}

// output collects what a process writes while others look at it.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// String returns what was written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
