package boot

import (
	"context"
	"log/slog"
	"time"

	"retailq/config"
	"retailq/internal/obs"
	"retailq/jobs"
	"retailq/queue"
	"retailq/tabular"
)

// Worker prepares a worker for every kind of job. It needs the database, with its schema up to date; for Redis it
// waits.
func Worker(ctx context.Context, cfg config.Worker, version string) (_ *Service, err error) {
	s := &Service{Name: "worker"}
	defer s.closeUnless(&err)
	db, err := s.openDatabase(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	client, err := s.openRedis(cfg.Redis)
	if err != nil {
		return nil, err
	}
	bucket, err := OpenBucket(ctx, cfg.S3)
	if err != nil {
		return nil, err
	}
	limits := tabular.DefaultLimits
	limits.Columns = cfg.Files.MaxColumns
	bindings := jobs.All(jobs.Deps{DB: db, Bucket: bucket, Import: jobs.ImportOptions{
		ChunkRows: cfg.Imports.ChunkRows, Window: cfg.Imports.Window, MaxRows: cfg.Files.MaxRows, Limits: limits,
	}})
	registry := obs.NewRegistry()
	worker, err := queue.NewWorker(db, client, bindings, obs.NewJobMetrics(registry), queue.WorkerOptions{
		Concurrency: cfg.Pool.Concurrency, Heartbeat: cfg.Liveness.HeartbeatInterval, Poll: cfg.Pool.PollInterval,
		Shutdown: cfg.Shutdown.Timeout, Version: version,
	})
	if err != nil {
		return nil, err
	}
	bell := queue.NewBell(client)
	s.work = func(ctx context.Context) error {
		if !awaitRedis(ctx, bell) {
			return nil
		}
		return worker.Run(ctx)
	}
	return s, s.listenMetrics(ctx, cfg.Metrics, registry)
}

const redisRetry = time.Second

// awaitRedis waits until Redis answers. It is false if ctx has ended first.
func awaitRedis(ctx context.Context, bell *queue.Bell) bool {
	for {
		err := bell.Ping(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() == nil {
			slog.WarnContext(ctx, "waiting for redis", "err", err)
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(redisRetry):
		}
	}
}
