package obs

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// jobBuckets are upper bounds in seconds: a chunk takes tens of milliseconds, a scan of a large file minutes.
var jobBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900}

// JobMetrics count attempts, by kind of job. Kinds are few; jobs, tenants and workers are many and are no labels. The
// methods of a nil *JobMetrics do nothing.
type JobMetrics struct {
	started  *prometheus.CounterVec
	ended    *prometheus.CounterVec
	rescued  *prometheus.CounterVec
	rungs    prometheus.Counter
	running  *prometheus.GaugeVec
	duration *prometheus.HistogramVec
	wait     *prometheus.HistogramVec
}

// NewJobMetrics registers the metrics of jobs. It panics if the registry has them already.
func NewJobMetrics(registry *prometheus.Registry) *JobMetrics {
	kind := []string{"kind"}
	m := &JobMetrics{
		started: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "job_attempts_started_total", Help: "Attempts that this process has begun.",
		}, kind),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "job_attempts_ended_total",
			Help: "Attempts that this process has ended, by outcome: succeeded, failed, retrying, handed back and so on.",
		}, []string{"kind", "outcome"}),
		rescued: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "jobs_rescued_total", Help: "Jobs taken from a worker whose heartbeat had stopped.",
		}, kind),
		rungs: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "deliveries_repeated_total",
			Help: "Deliveries rung again because nobody had claimed their job.",
		}),
		running: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "jobs_running", Help: "Attempts that are under way in this process.",
		}, kind),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "job_attempt_duration_seconds", Buckets: jobBuckets,
			Help: "Time from the claim to the end of an attempt.",
		}, kind),
		wait: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "job_wait_seconds", Buckets: jobBuckets,
			Help: "Time from the moment a job was due to its claim.",
		}, kind),
	}
	registry.MustRegister(m.started, m.ended, m.rescued, m.rungs, m.running, m.duration, m.wait)
	return m
}

// Started counts an attempt that begins, after the job has waited since it was due.
func (m *JobMetrics) Started(kind string, waited time.Duration) {
	if m == nil {
		return
	}
	m.started.WithLabelValues(kind).Inc()
	m.running.WithLabelValues(kind).Inc()
	m.wait.WithLabelValues(kind).Observe(max(0, waited.Seconds())) // the clocks of two machines differ
}

// Ended counts an attempt that was Started and has come to an end. The outcome is one of a few words.
func (m *JobMetrics) Ended(kind, outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.ended.WithLabelValues(kind, outcome).Inc()
	m.running.WithLabelValues(kind).Dec()
	m.duration.WithLabelValues(kind).Observe(took.Seconds())
}

// Rescued counts a job that was taken from a dead worker.
func (m *JobMetrics) Rescued(kind string) {
	if m != nil {
		m.rescued.WithLabelValues(kind).Inc()
	}
}

// RungAgain counts n deliveries that were repeated.
func (m *JobMetrics) RungAgain(n int) {
	if m != nil {
		m.rungs.Add(float64(n))
	}
}
