package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is one running program of the platform.
type process struct {
	name string
	cmd  *exec.Cmd
	log  *journal
	// ended is closed when the process is no more; err then says how it ended.
	ended chan struct{}
	err   error
}

// run starts a program and waits until it serves. It ends with the test, by force.
func run(t *testing.T, program string, env []string) *process {
	t.Helper()
	dir, err := programs()
	require.NoError(t, err)
	p := &process{name: program, log: newJournal(), ended: make(chan struct{})}
	p.cmd = exec.Command(filepath.Join(dir, program))
	p.cmd.Env, p.cmd.Stderr, p.cmd.SysProcAttr = env, p.log, attributes()
	started := make(chan error)
	go p.live(started)
	require.NoError(t, <-started)
	t.Cleanup(func() {
		p.kill(t)
		if t.Failed() {
			t.Logf("log of %s %d:\n%s", p.name, p.pid(), p.log.tail())
		}
	})
	p.expect(t, "started", func(l line) bool { return l.Msg == "started" })
	return p
}

// live holds its thread for as long as the process lives: the kernel takes the end of the thread for that of the
// parent.
func (p *process) live(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	p.err = p.cmd.Wait()
	close(p.ended)
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// signal sends a signal; a process that has ended meanwhile is no error.
func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		require.ErrorIs(t, err, os.ErrProcessDone)
	}
}

// kill ends the process with SIGKILL: it gets to do nothing more.
func (p *process) kill(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGKILL)
	_ = p.awaitEnd(t, 10*time.Second) // killed, as wanted
}

// awaitEnd waits for the end of the process and returns how it ended.
func (p *process) awaitEnd(t *testing.T, limit time.Duration) error {
	t.Helper()
	select {
	case <-p.ended:
		return p.err
	case <-time.After(limit):
		t.Fatalf("%s %d has not ended within %s", p.name, p.pid(), limit)
		return nil
	}
}

// expect waits for a line of the log, and returns it. what describes it.
func (p *process) expect(t *testing.T, what string, match func(line) bool) line {
	t.Helper()
	limit := time.After(patience)
	for {
		found, more := p.log.find(match)
		if found != nil {
			return *found
		}
		select {
		case <-more:
		case <-p.ended:
			t.Fatalf("%s ended (%v) before it logged: %s", p.name, p.err, what)
		case <-limit:
			t.Fatalf("%s has not logged: %s", p.name, what)
		}
	}
}

// peakMemory is the largest resident size that the process has had so far, in bytes.
func (p *process) peakMemory(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid()))
	if os.IsNotExist(err) && runtime.GOOS != "linux" {
		t.Skip("only Linux says how much memory a process has had")
	}
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	require.True(t, found, "no VmHWM in %s", status)
	kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	require.NoError(t, err)
	return kilobytes << 10
}
