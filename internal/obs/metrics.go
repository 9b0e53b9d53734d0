package obs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// namespace begins the name of every metric of ours.
const namespace = "retailq"

// NewRegistry returns the registry of one process, with what there is to know about the Go runtime, the process and
// the build. There is no global one, so that tests and several services in one process do not meet.
func NewRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
	)
	return r
}

const (
	readTimeout = 5 * time.Second
	stopTimeout = time.Second
)

// MetricsServer answers GET /metrics.
type MetricsServer struct {
	listener net.Listener
	server   *http.Server
}

// ListenMetrics takes the address, host:port, and answers once Run is called. Port 0 takes a free one.
func ListenMetrics(ctx context.Context, addr string, registry *prometheus.Registry) (*MetricsServer, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics on %s: %w", addr, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry}))
	return &MetricsServer{
		listener: listener,
		server:   &http.Server{Handler: mux, ReadHeaderTimeout: readTimeout},
	}, nil
}

// Addr is the address that is listened on.
func (s *MetricsServer) Addr() string { return s.listener.Addr().String() }

// Run answers until ctx ends, which is no error.
func (s *MetricsServer) Run(ctx context.Context) error {
	stopped := make(chan struct{})
	unregister := context.AfterFunc(ctx, func() {
		defer close(stopped)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		_ = s.server.Shutdown(ctx) // a scrape that takes longer is cut off below
		_ = s.server.Close()
	})
	err := s.server.Serve(s.listener)
	if !unregister() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve metrics on %s: %w", s.Addr(), err)
}

// Serve is ListenMetrics and Run in one. An empty address means no metrics, and Serve returns at once.
func Serve(ctx context.Context, addr string, registry *prometheus.Registry) error {
	if addr == "" {
		return nil
	}
	s, err := ListenMetrics(ctx, addr, registry)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}
