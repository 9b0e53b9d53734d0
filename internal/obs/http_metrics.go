package obs

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// httpBuckets are upper bounds in seconds. Streams last longer than all of them.
var httpBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// HTTPMetrics count requests that were served. The methods of a nil *HTTPMetrics do nothing.
type HTTPMetrics struct{ duration *prometheus.HistogramVec }

// NewHTTPMetrics registers the metrics of requests. It panics if the registry has them already.
func NewHTTPMetrics(registry *prometheus.Registry) *HTTPMetrics {
	m := &HTTPMetrics{duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: "http_request_duration_seconds", Buckets: httpBuckets,
		Help: "Time to serve a request, by the template of its route.",
	}, []string{"method", "route", "status"})}
	registry.MustRegister(m.duration)
	return m
}

// Observe counts a request. The route is its template, "/v1/jobs/:id", never its path, or each id would make a series
// of its own. For the same reason methods that clients make up become "other".
func (m *HTTPMetrics) Observe(method, route string, status int, took time.Duration) {
	if m == nil {
		return
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions:
	default:
		method = "other"
	}
	m.duration.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}
