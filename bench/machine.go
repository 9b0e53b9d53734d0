package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5"
)

// machine is what figures depend on.
type machine struct {
	cores    int
	cpu      string // "" where it is not known
	memory   int64  // bytes; 0 where it is not known
	system   string
	postgres string
	settings string // of Postgres, where they decide about speed
	redis    string
	golang   string
	load     string // of the last minute, when the run began: what else the machine had to do
}

func inspectMachine(ctx context.Context, conn *pgx.Conn) (machine, error) {
	m := machine{
		cores: runtime.NumCPU(), system: runtime.GOOS + "/" + runtime.GOARCH, golang: runtime.Version(),
		redis: redisVersion(ctx), load: "unknown",
	}
	if info, err := os.ReadFile("/proc/meminfo"); err == nil {
		m.memory = kilobytes(info, "MemTotal:")
	}
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if found := cpuModel.FindSubmatch(info); found != nil {
			m.cpu = string(found[1])
		}
	}
	if average, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.load, _, _ = strings.Cut(string(average), " ")
	}
	err := conn.QueryRow(ctx, `
		SELECT split_part(current_setting('server_version'), ' ', 1),
		       string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name)
		FROM pg_settings
		WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size')`).
		Scan(&m.postgres, &m.settings)
	if err != nil {
		return m, fmt.Errorf("ask the database about itself: %w", err)
	}
	return m, nil
}

var (
	cpuModel     = regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`)
	redisRelease = regexp.MustCompile(`v=(\S+)`)
)

func redisVersion(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "redis-server", "--version").Output()
	if err != nil {
		return "unknown"
	}
	if found := redisRelease.FindSubmatch(out); found != nil {
		return string(found[1])
	}
	return "unknown"
}
