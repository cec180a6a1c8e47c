package worker

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/blockcast/blockcast/engine/outbox"
)

// Outcomes, as they stand in the metrics.
const (
	succeeded  = "ok"
	heard      = "near"
	failed     = "failed"
	dropped    = "dropped"
	released   = "released"
	unreadable = "unreadable"
)

// Metrics counts what the worker, the bells and the limiter do. A nil *Metrics
// counts nothing.
type Metrics struct {
	registry prometheus.Registerer
	jobs     *prometheus.HistogramVec
	bells    *prometheus.CounterVec
	tickers  *prometheus.HistogramVec
	limits   *prometheus.CounterVec
}

// NewMetrics registers the worker's metrics, once per registry.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		registry: r,
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "blockcast_job_seconds",
			Help:    "How long jobs took, by kind and outcome.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"kind", "outcome"}),
		bells: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "blockcast_bells_total",
			Help: "Bells put on a queue (ok), heard by the process that rang them (near), lost with Redis (failed) or for want of room (dropped).",
		}, []string{"kind", "outcome"}),
		tickers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "blockcast_ticker_seconds",
			Help:    "How long periodic work took, by name and outcome.",
			Buckets: prometheus.ExponentialBuckets(0.001, 8, 6),
		}, []string{"name", "outcome"}),
		limits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "blockcast_rate_waits_total",
			Help: "Calls that had to wait for an account's rate, by share.",
		}, []string{"share"}),
	}
	r.MustRegister(m.jobs, m.bells, m.tickers, m.limits)
	return m
}

func (m *Metrics) job(k Kind, outcome string, took time.Duration) {
	if m != nil {
		m.jobs.WithLabelValues(string(k), outcome).Observe(took.Seconds())
	}
}

func (m *Metrics) bell(k Kind, outcome string) {
	if m != nil {
		m.bells.WithLabelValues(string(k), outcome).Inc()
	}
}

func (m *Metrics) ticker(name, outcome string, took time.Duration) {
	if m != nil {
		m.tickers.WithLabelValues(name, outcome).Observe(took.Seconds())
	}
}

func (m *Metrics) limited(s outbox.Share) {
	if m != nil {
		m.limits.WithLabelValues(string(s)).Inc()
	}
}

// waiting shows how many bells wait in this process.
func (m *Metrics) waiting(read func() float64) {
	if m != nil {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "blockcast_bells_waiting",
			Help: "Bells of this process that are not on a queue yet.",
		}, read))
	}
}
