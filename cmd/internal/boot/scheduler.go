package boot

import (
	"context"

	"retailq/config"
	"retailq/internal/obs"
	"retailq/queue"
)

// Scheduler prepares a scheduler, of which any number may run. It needs the database, with its schema up to date; Redis
// may be away, now and later.
func Scheduler(ctx context.Context, cfg config.Scheduler, _ string) (_ *Service, err error) {
	s := &Service{Name: "scheduler"}
	defer s.closeUnless(&err)
	db, err := s.openDatabase(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	client, err := s.openRedis(cfg.Redis)
	if err != nil {
		return nil, err
	}
	registry := obs.NewRegistry()
	s.work = queue.NewDispatcher(db, client, obs.NewJobMetrics(registry), queue.DispatcherOptions{
		Interval: cfg.Dispatch.Interval, RingAgain: cfg.Dispatch.ReringAfter, RescueAfter: cfg.Liveness.RescueAfter,
	}).Run
	return s, s.listenMetrics(ctx, cfg.Metrics, registry)
}
