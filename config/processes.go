package config

import (
	"log/slog"
	"time"
)

// Logs says what is logged, and how. Lines go to standard error.
type Logs struct {
	Level slog.Level `env:"RETAILQ_LOG_LEVEL" envDefault:"info"`
	// Format is auto, json or text. With auto, a terminal gets text and anything else JSON.
	Format string `env:"RETAILQ_LOG_FORMAT" envDefault:"auto"`
}

func (c Logs) check(r *report) {
	switch c.Format {
	case "auto", "json", "text":
	default:
		r.add("RETAILQ_LOG_FORMAT", "is %q, which is not auto, json or text", c.Format)
	}
}

// Metrics is the listener for Prometheus.
type Metrics struct {
	// Addr is empty for none.
	Addr string `env:"RETAILQ_METRICS_ADDR" example:"127.0.0.1:9090"`
}

func (c Metrics) check(r *report) { checkAddr(r, "RETAILQ_METRICS_ADDR", c.Addr) }

// Shutdown says how a process ends.
type Shutdown struct {
	// Timeout is how long running jobs or requests may go on after SIGTERM.
	Timeout time.Duration `env:"RETAILQ_SHUTDOWN_TIMEOUT" envDefault:"20s"`
}

func (c Shutdown) check(r *report) {
	r.require(c.Timeout >= 100*time.Millisecond && c.Timeout <= time.Hour,
		"RETAILQ_SHUTDOWN_TIMEOUT", "must be from 100ms to 1h")
}

// Pool is the part of a worker that performs jobs.
type Pool struct {
	// Concurrency is how many jobs one process performs at a time.
	Concurrency  int           `env:"RETAILQ_WORKER_CONCURRENCY" envDefault:"4"`
	PollInterval time.Duration `env:"RETAILQ_POLL_INTERVAL" envDefault:"10ms"`
}

func (c Pool) check(r *report) {
	r.require(c.Concurrency >= 1 && c.Concurrency <= 500, "RETAILQ_WORKER_CONCURRENCY", "must be from 1 to 500")
	r.require(c.PollInterval >= time.Millisecond && c.PollInterval <= 10*time.Second,
		"RETAILQ_POLL_INTERVAL", "must be from 1ms to 10s")
}

// minBeats is how many heartbeats must be missed before a job is taken from its worker: one may be late, and one lost.
const minBeats = 3

// Liveness is how a worker that died is told from one that lives. All processes must agree on it.
type Liveness struct {
	HeartbeatInterval time.Duration `env:"RETAILQ_HEARTBEAT_INTERVAL" envDefault:"1s"`
	RescueAfter       time.Duration `env:"RETAILQ_RESCUE_AFTER" envDefault:"10s"`
}

func (c Liveness) check(r *report) {
	r.require(c.HeartbeatInterval >= 50*time.Millisecond && c.HeartbeatInterval <= time.Minute,
		"RETAILQ_HEARTBEAT_INTERVAL", "must be from 50ms to 1m")
	r.require(c.RescueAfter > minBeats*c.HeartbeatInterval,
		"RETAILQ_RESCUE_AFTER", "must be more than %d times RETAILQ_HEARTBEAT_INTERVAL (%s), "+
			"or jobs are taken from workers that live", minBeats, c.HeartbeatInterval)
}

// Dispatch is how often the scheduler looks for work that waits.
type Dispatch struct {
	Interval    time.Duration `env:"RETAILQ_DISPATCH_INTERVAL" envDefault:"500ms"`
	ReringAfter time.Duration `env:"RETAILQ_RERING_AFTER" envDefault:"10s"`
}

func (c Dispatch) check(r *report) {
	r.require(c.Interval >= 10*time.Millisecond && c.Interval <= time.Minute,
		"RETAILQ_DISPATCH_INTERVAL", "must be from 10ms to 1m")
	r.require(c.ReringAfter >= 2*c.Interval,
		"RETAILQ_RERING_AFTER", "must be at least twice RETAILQ_DISPATCH_INTERVAL (%s)", c.Interval)
}
