// Command servers runs a command, such as `go test ./...`, with a throw-away Postgres, Redis and S3 server.
//
//	servers -- go test ./...
//
// The command finds the servers through the environment variable RETAILQ_TEST_STACK; see package devstacktest. It
// ends with the command's exit status, or 1 if the servers cannot be started.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"retailq/internal/devstack"
	"retailq/internal/devstack/s3server"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: servers -- COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	status, err := run(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "servers:", err)
	}
	os.Exit(status)
}

func run(args []string) (status int, err error) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	program, err := os.Executable()
	if err != nil {
		return 1, fmt.Errorf("find own program: %w", err)
	}
	stack, err := start(signals)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stack.Stop()) }()
	env, err := json.Marshal(devstack.TestRun{Addresses: stack.Addresses, S3Program: program})
	if err != nil {
		return 1, fmt.Errorf("describe the servers: %w", err)
	}
	return command(args, append(os.Environ(), devstack.TestRunVar+"="+string(env)), signals)
}

// start gives up at the first signal.
func start(signals <-chan os.Signal) (*devstack.Stack, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	started := make(chan struct{})
	defer close(started)
	go func() {
		select {
		case sig := <-signals:
			cancel(fmt.Errorf("received %s", sig))
		case <-started:
		}
	}()
	program, err := s3server.Program()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	return devstack.Start(ctx, devstack.Options{S3Program: program})
}

// command runs the command to its end, passing signals on to it.
func command(args, env []string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = os.Stdin, os.Stdout, os.Stderr, env
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case sig := <-signals:
				_ = cmd.Process.Signal(sig)
			case <-ended:
				return
			}
		}
	}()
	err := cmd.Wait()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return max(failed.ExitCode(), 1), nil // -1 if ended by a signal
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
