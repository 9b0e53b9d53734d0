package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Server is one server process that can be stopped and started again at the same address with the same data. Its
// methods may be called from several goroutines.
type Server struct {
	spec spec

	mu   sync.Mutex
	proc *process // nil while stopped
}

// spec describes a server to run.
type spec struct {
	part Part
	// dir is the directory of the stack; the server's own data is in dir/part.
	dir  string
	addr string
	// command makes the command that runs the server in the foreground. An argument of it is the data directory, by
	// which an orphan is recognized.
	command func() *exec.Cmd
	// ready returns nil once the server answers.
	ready func(context.Context) error
	// stop asks for a clean end, crash for one without. A server that takes longer than grace to stop is killed.
	stop, crash syscall.Signal
	grace       time.Duration
}

const (
	startTimeout = 2 * time.Minute // a durable Postgres may have to recover first
	pollInterval = 10 * time.Millisecond
)

// Addr returns the host and port.
func (s *Server) Addr() string { return s.spec.addr }

// Pid returns the process id, or 0 if the server is stopped.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil || s.proc.ended() {
		return 0
	}
	return s.proc.pid()
}

// Start starts the server and waits until it answers. If the server gives up, the error holds the end of its log.
// Starting a running server does nothing.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil && !s.proc.ended() {
		return nil
	}
	proc, err := s.spec.launch()
	if err != nil {
		return err
	}
	s.proc = proc
	if err := s.spec.awaitReady(ctx, proc); err != nil {
		proc.end(syscall.SIGKILL, s.spec.grace)
		return err
	}
	return nil
}

// Stop ends the server cleanly; one that takes too long is killed. Stopping a stopped server does nothing.
func (s *Server) Stop() error { return s.end(s.spec.stop) }

// Kill ends the server as a crash would: clients are cut off, and what it had only in memory is lost.
func (s *Server) Kill() error { return s.end(s.spec.crash) }

// Restart stops the server and starts it again.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.Stop(); err != nil {
		return err
	}
	return s.Start(ctx)
}

func (s *Server) end(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return nil
	}
	s.proc.end(sig, s.spec.grace)
	s.proc = nil
	if err := os.Remove(pidFile(s.spec.dir, s.spec.part)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("stop %s: %w", s.spec.part, err)
	}
	return nil
}

func (s spec) launch() (*process, error) {
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("log of %s: %w", s.part, err)
	}
	defer func() { _ = log.Close() }() // the server has its own handle
	cmd := s.command()
	cmd.Stdout, cmd.Stderr = log, log
	proc, err := startProcess(cmd)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.part, err)
	}
	pid := []byte(strconv.Itoa(proc.pid()))
	if err := os.WriteFile(pidFile(s.dir, s.part), pid, 0o600); err != nil {
		proc.end(syscall.SIGKILL, s.grace)
		return nil, fmt.Errorf("start %s: %w", s.part, err)
	}
	return proc, nil
}

func (s spec) awaitReady(ctx context.Context, proc *process) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		err := s.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-proc.done:
			return fmt.Errorf("%s ended while starting (%w); its log %s ends:\n%s",
				s.part, proc.err, s.logFile(), s.logTail())
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer (%w: %w); its log %s ends:\n%s",
				s.part, context.Cause(ctx), err, s.logFile(), s.logTail())
		case <-tick.C:
		}
	}
}

func (s spec) data() string { return filepath.Join(s.dir, string(s.part)) }

func (s spec) logFile() string { return s.data() + ".log" }

// logTail returns the last lines of the log: where a server says why it gave up.
func (s spec) logTail() string {
	const lines = 15
	raw, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
