package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"retailq/cmd/internal/boot"
	_ "retailq/internal/devstack/s3server" // lets `up` start this program as its S3 server
)

// version is set by the linker: -X main.version=v1.2.3
var version string

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// Whoever asks a second time does not want to wait for an orderly end.
	context.AfterFunc(ctx, stop)
	env := &environment{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		environ: boot.Environ(), version: boot.Version(version),
	}
	return execute(ctx, env, os.Args[1:])
}
