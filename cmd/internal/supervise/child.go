package supervise

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Program is what to run.
type Program struct {
	// Name is for people: "worker 1".
	Name string
	// Path of the executable, and its arguments behind its name.
	Path string
	Args []string
	// Env is all of the program's environment; of several values for a name the last counts.
	Env []string
	// Log is the file to which output is appended. Also gets a copy of it, unless it is nil.
	Log  string
	Also io.Writer
}

// Death is the end of a program that nobody asked to end.
type Death struct {
	Name string
	PID  int
	// Err says how it ended, such as "signal: killed". It is nil if the program ended by itself and was content.
	Err error
	// RestartIn is how long it takes until the program runs again.
	RestartIn time.Duration
}

// How says in words how the program ended.
func (d Death) How() string {
	if d.Err == nil {
		return "exit status 0"
	}
	return d.Err.Error()
}

// Child is a program that is kept running. Its methods may be called from several goroutines.
type Child struct {
	program Program
	died    func(Death)

	mu       sync.Mutex
	process  *os.Process // nil while the program does not run
	stopping chan struct{}
	once     sync.Once
	done     chan struct{}
}

// How soon a program that died is started again: at once, then ever later while it keeps dying young.
const (
	firstDelay = 100 * time.Millisecond
	maxDelay   = 10 * time.Second
	oldEnough  = 30 * time.Second
)

// Start runs the program, and runs it again whenever it dies, until Stop. Each death is reported to died, which must
// not block for long.
func Start(p Program, died func(Death)) (*Child, error) {
	c := &Child{program: p, died: died, stopping: make(chan struct{}), done: make(chan struct{})}
	started := make(chan error, 1)
	go c.keepRunning(started)
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// Name returns the name of the program.
func (c *Child) Name() string { return c.program.Name }

// PID returns the process id, or 0 while the program does not run.
func (c *Child) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return 0
	}
	return c.process.Pid
}

// Stop asks the program to end with SIGTERM and waits for that. When ctx ends first, the program is killed. Calling it
// again waits as well.
func (c *Child) Stop(ctx context.Context) {
	c.once.Do(func() { close(c.stopping) })
	c.signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-ctx.Done():
		c.signal(syscall.SIGKILL)
		<-c.done
	}
}

// signal fails for a process that has just ended, which is as well.
func (c *Child) signal(sig syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process != nil {
		_ = c.process.Signal(sig)
	}
}

// keepRunning reports on started how the first start went.
//
// The kernel sends the parent-death signal when the thread that forked ends, not the process. This goroutine therefore
// holds its thread for as long as there may be a child.
func (c *Child) keepRunning(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(c.done)
	delay := firstDelay
	for first := true; ; first = false {
		began := time.Now()
		death := c.runOnce(func(err error) {
			if first {
				started <- err
			}
		})
		if first && death.PID == 0 {
			return
		}
		if c.isStopping() {
			return
		}
		if time.Since(began) > oldEnough {
			delay = firstDelay
		}
		death.RestartIn = delay
		c.died(death)
		select {
		case <-time.After(delay):
		case <-c.stopping:
			return
		}
		delay = min(2*delay, maxDelay)
	}
}

// runOnce runs the program to its end. It tells launched whether the program runs at all.
func (c *Child) runOnce(launched func(error)) Death {
	death := Death{Name: c.program.Name}
	log, err := os.OpenFile(c.program.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		death.Err = fmt.Errorf("log of %s: %w", c.program.Name, err)
		launched(death.Err)
		return death
	}
	defer log.Close()
	cmd, err := c.launch(log)
	launched(err)
	if err != nil {
		death.Err = err
		return death
	}
	death.PID, death.Err = cmd.Process.Pid, cmd.Wait()
	c.forget()
	return death
}

func (c *Child) launch(log *os.File) (*exec.Cmd, error) {
	cmd := exec.Command(c.program.Path, c.program.Args...) //nolint:gosec,noctx // Stop ends it, and in its own way
	cmd.Env, cmd.Stdout, cmd.Stderr = c.program.Env, log, log
	if c.program.Also != nil {
		both := io.MultiWriter(log, c.program.Also)
		cmd.Stdout, cmd.Stderr = both, both
	}
	cmd.SysProcAttr = attributes()
	c.mu.Lock()
	defer c.mu.Unlock()
	// Under the lock, or a Stop that comes now would signal nobody.
	if c.isStopping() {
		return nil, context.Canceled
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.program.Name, err)
	}
	c.process = cmd.Process
	return cmd, nil
}

func (c *Child) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.process = nil
}

func (c *Child) isStopping() bool {
	select {
	case <-c.stopping:
		return true
	default:
		return false
	}
}
