package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// platform is a whole platform, run by `retailq up` for as long as standard input of the command behind it is open.
// So it also ends if this program is killed.
type platform struct {
	cmd   *exec.Cmd
	stdin io.Closer

	url, token, databaseURL string
}

// announce prints, once the platform answers, where it is.
const announce = `printf '%s\n' "$RETAILQ_URL" "$RETAILQ_TOKEN" "$RETAILQ_DATABASE_URL" && exec cat`

// makeScratch makes the directory for everything, which the account that Postgres runs as must be able to enter.
func makeScratch(parent string) (string, error) {
	dir, err := os.MkdirTemp(parent, "retailq-bench-")
	if err != nil {
		return "", fmt.Errorf("make directory: %w", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // nothing secret lies in it directly
		return "", fmt.Errorf("open directory: %w", err)
	}
	return filepath.Abs(dir)
}

func startPlatform(ctx context.Context, o options, scratch string) (*platform, error) {
	// Ctrl-C reaches the program by itself, and what ctx would do to it is too rough: it is ended by closing its input.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), o.program, "up",
		"--dir", filepath.Join(scratch, "platform"), "--workers", strconv.Itoa(o.workers), "--", "sh", "-c", announce)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start platform: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start platform: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start platform: %w (run `make build` first)", err)
	}
	p := &platform{cmd: cmd, stdin: stdin}
	lines := bufio.NewScanner(stdout)
	for _, value := range []*string{&p.url, &p.token, &p.databaseURL} {
		if !lines.Scan() {
			return nil, errors.Join(errors.New("the platform did not start"), lines.Err(), p.stop())
		}
		*value = lines.Text()
	}
	return p, nil
}

// stop ends the platform in order and waits until it is gone.
func (p *platform) stop() error {
	if err := errors.Join(p.stdin.Close(), p.cmd.Wait()); err != nil {
		return fmt.Errorf("stop platform: %w", err)
	}
	return nil
}
