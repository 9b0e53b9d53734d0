package boot

import (
	"context"
	"fmt"
	"net"

	"retailq/api"
	"retailq/config"
	"retailq/internal/obs"
	"retailq/ops"
	"retailq/queue"
)

// API prepares the HTTP API. It needs the database, with its schema up to date; Redis and the object server may be
// away, now and later: then /readyz says so.
func API(ctx context.Context, cfg config.API, version string) (_ *Service, err error) {
	s := &Service{Name: "api"}
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
	registry := obs.NewRegistry()
	bell := queue.NewBell(client)
	hub := queue.NewHub(db, bell)
	handler := api.New(api.Options{
		Ops: ops.New(db, bell, bucket, ops.Limits{
			UploadBytes: int64(cfg.Files.MaxUpload), Columns: cfg.Files.MaxColumns,
			UploadURL: cfg.Requests.UploadURLTTL,
		}),
		Tokens: ops.NewTokens([]byte(cfg.Auth.TokenSecret.Reveal()), cfg.Auth.TokenTTL),
		Hub:    hub, Metrics: obs.NewHTTPMetrics(registry), Version: version,
		Limits: api.Limits{BodyBytes: int64(cfg.Requests.MaxBody), Page: cfg.Requests.PageMax},
		Checks: []api.Check{
			{Name: "database", Critical: true, Run: db.Ping},
			{Name: "redis", Run: bell.Ping},
			{Name: "storage", Run: bucket.Ping},
		},
	})
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.Server.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", cfg.Server.Addr, err)
	}
	s.closer.add(func() { listener.Close() })
	s.Addr = listener.Addr().String()
	s.beside = append(s.beside, hub.Run)
	s.work = func(ctx context.Context) error { return api.Serve(ctx, listener, handler, cfg.Shutdown.Timeout) }
	return s, s.listenMetrics(ctx, cfg.Metrics, registry)
}
