package boot

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"retailq/config"
	"retailq/internal/obs"
)

// Service is a program that is ready to serve: its listeners are open, so that its addresses are known.
type Service struct {
	// Name is "api", "worker" or "scheduler".
	Name string
	// Addr is where the API listens, MetricsAddr where metrics are served. Empty means nowhere.
	Addr, MetricsAddr string

	// work is what the service is for. It gets to an orderly end when its context ends.
	work task
	// beside is what runs as long as the work does, its orderly end included.
	beside []task
	closer closer
}

type task func(context.Context) error

// Run serves until ctx ends, or something fails that the service cannot do without, then closes all that was opened.
// The end that was asked for is no error.
func (s *Service) Run(ctx context.Context) error {
	defer s.closer.close()
	// What runs beside outlives ctx, until the work has come to its end.
	besideCtx, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	group, besideCtx := errgroup.WithContext(besideCtx)
	for _, do := range s.beside {
		group.Go(func() error { return do(besideCtx) })
	}
	workCtx, stop := context.WithCancel(ctx)
	defer stop()
	context.AfterFunc(besideCtx, stop)
	group.Go(func() error {
		defer end()
		return unlessTold(ctx, s.work(workCtx))
	})
	return group.Wait()
}

// unlessTold drops the error of what was cut short, in the middle of its start for example, because it was told to end.
func unlessTold(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// closeUnless is deferred by what prepares a service: it closes what was opened if the rest failed.
func (s *Service) closeUnless(failed *error) {
	if *failed != nil {
		s.closer.close()
	}
}

// listenMetrics is the last thing to prepare, as only Run closes the listener.
func (s *Service) listenMetrics(ctx context.Context, cfg config.Metrics, registry *prometheus.Registry) error {
	if cfg.Addr == "" {
		return nil
	}
	server, err := obs.ListenMetrics(ctx, cfg.Addr, registry)
	if err != nil {
		return err
	}
	s.MetricsAddr = server.Addr()
	s.beside = append(s.beside, server.Run)
	return nil
}

// closer closes what was opened, last first.
type closer struct{ list []func() }

func (c *closer) add(f func()) { c.list = append(c.list, f) }

func (c *closer) close() {
	for len(c.list) > 0 {
		last := len(c.list) - 1
		c.list[last]()
		c.list = c.list[:last]
	}
}
