package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"retailq"
	"retailq/config"
	"retailq/internal/obs"
)

// Process is what there is to know about the process that a service runs in.
type Process struct {
	// Name of the service.
	Name string
	// Version of the program.
	Version string
	// Environ is the environment, as of os.Environ.
	Environ []string
}

// Run reads the settings of one service, sets up the logs of the process, and serves until ctx ends.
func Run[C any](ctx context.Context, p Process, open func(context.Context, C, string) (*Service, error)) error {
	settings, err := config.Load[C](p.Environ)
	if err != nil {
		return err
	}
	if err := setLogs(p); err != nil {
		return err
	}
	service, err := open(ctx, settings, p.Version)
	if err != nil {
		return unlessTold(ctx, err)
	}
	slog.InfoContext(ctx, "started", "version", p.Version, "pid", os.Getpid(),
		"addr", service.Addr, "metrics_addr", service.MetricsAddr)
	if err := service.Run(ctx); err != nil {
		return err
	}
	slog.InfoContext(ctx, "stopped")
	return nil
}

// setLogs decides how the lines of the process look.
func setLogs(p Process) error {
	settings, err := config.Load[struct{ Logs config.Logs }](p.Environ)
	if err != nil {
		return err
	}
	slog.SetDefault(obs.NewLogger(os.Stderr, obs.LogOptions{
		Level: settings.Logs.Level, Format: settings.Logs.Format, Service: p.Name,
	}))
	for _, warning := range config.Warnings(p.Environ) {
		slog.Warn(warning)
	}
	return nil
}

// Main runs a service with the environment of the process until SIGINT or SIGTERM, and returns the exit status: 0 if it
// ended because it was told to, 2 if its settings are wrong, 1 for anything else.
func Main[C any](name, version string, open func(context.Context, C, string) (*Service, error)) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Whoever asks a second time does not want to wait for an orderly end.
	context.AfterFunc(ctx, stop)
	err := Run(ctx, Process{Name: name, Version: Version(version), Environ: Environ()}, open)
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
	var explained *retailq.Error
	if errors.As(err, &explained) && explained.Hint != "" {
		fmt.Fprintf(os.Stderr, "hint: %s\n", explained.Hint)
	}
	if errors.Is(err, retailq.ErrInvalid) {
		return 2
	}
	return 1
}
