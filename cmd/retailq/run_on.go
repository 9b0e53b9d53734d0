package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

// Exit statuses by which shells say that a command could not be run, or was ended by a signal.
const (
	exitNoCommand = 127
	exitSignalled = 128
)

// runOn runs a command in the foreground to its end, which comes when the command decides, not with the first signal:
// signals are passed on. Its exit status, if not 0, is returned as an error without a message.
func runOn(env *environment, argv, environ []string) error {
	cmd := exec.Command(argv[0], argv[1:]...) //nolint:noctx // it gets the signals that would end a context
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = env.stdin, env.stdout, env.stderr, environ
	cmd.SysProcAttr = foreground()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, passedOn(env)...)
	defer signal.Stop(signals)
	// The signal of foreground is sent when this thread ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return &exitError{status: exitNoCommand, err: fmt.Errorf("run command: %w", err)}
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case sig := <-signals:
				_ = cmd.Process.Signal(sig) // it may just have ended
			case <-ended:
				return
			}
		}
	}()
	return commandStatus(cmd.Wait())
}

// passedOn are the signals that the command gets from this process. Ctrl-C in a terminal reaches it by itself.
func passedOn(env *environment) []os.Signal {
	signals := []os.Signal{syscall.SIGTERM, syscall.SIGHUP}
	if !isTerminal(env.stdin) {
		signals = append(signals, os.Interrupt)
	}
	return signals
}

func commandStatus(err error) error {
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		return err
	}
	if status, ok := failed.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return &exitError{status: exitSignalled + int(status.Signal())}
	}
	return &exitError{status: failed.ExitCode()}
}
