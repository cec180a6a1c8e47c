package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
)

// roomMetrics counts what inbox and outbox tell.
type roomMetrics struct {
	calls     *prometheus.HistogramVec
	outcomes  *prometheus.CounterVec
	waits     *prometheus.HistogramVec
	events    prometheus.Counter
	poison    prometheus.Counter
	turns     *prometheus.HistogramVec
	postings  *prometheus.HistogramVec
	rungAgain *prometheus.CounterVec
	errors    *prometheus.CounterVec
	sent      *prometheus.HistogramVec
	answered  prometheus.Histogram
	taps      *prometheus.CounterVec
}

func newRoomMetrics(r prometheus.Registerer) *roomMetrics {
	m := &roomMetrics{
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "blockcast_platform_call_seconds", Help: "How long calls to platforms took, by channel, route and outcome.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 12),
		}, []string{"channel", "route", "outcome"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "blockcast_deliveries_total", Help: "What became of deliveries, by channel, status and reason.",
		}, []string{"channel", "status", "reason"}),
		waits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "blockcast_rate_wait_seconds", Help: "How long deliveries were put off for an account's rate.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"channel"}),
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "blockcast_inbound_events_total", Help: "Events stored.",
		}),
		poison: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "blockcast_inbound_poison_total", Help: "Events that could not be stored as they were.",
		}),
		turns: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "blockcast_turn_seconds", Help: "How long turns took, by outcome.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 4, 9),
		}, []string{"outcome"}),
		postings: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "blockcast_webhook_posting_seconds", Help: "How long calls to outgoing webhooks took, by what became of the notice.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 12),
		}, []string{"status"}),
		rungAgain: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "blockcast_bells_rung_again_total", Help: "Rows the reconciler found waiting without a bell: in health none.",
		}, []string{"room"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "blockcast_platform_errors_total", Help: "Calls that a platform did not accept, by channel and kind of the error.",
		}, []string{"channel", "kind"}),
		sent: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "blockcast_send_seconds", Help: "From when a delivery was wanted until the platform took it, by queue: replies to people, sends of systems.",
			Buckets: waitBuckets(),
		}, []string{"queue"}),
		answered: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "blockcast_answer_seconds", Help: "From when what a person did was stored until its turn was committed.",
			Buckets: waitBuckets(),
		}),
		taps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "blockcast_link_taps_total", Help: "Taps on links: counted, or lost because the database was away for too long.",
		}, []string{"outcome"}),
	}
	r.MustRegister(m.calls, m.outcomes, m.waits, m.events, m.poison, m.turns, m.postings, m.rungAgain, m.errors, m.sent, m.answered, m.taps)
	return m
}

// waitBuckets are those of what people or callers wait for: from what nobody
// notices to what was put off.
func waitBuckets() []float64 {
	return []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800}
}

func (m *roomMetrics) outbox() outbox.Metrics {
	return outbox.Metrics{
		Called: func(channel, route, outcome string, took time.Duration) {
			m.calls.WithLabelValues(channel, route, outcome).Observe(took.Seconds())
		},
		Outcome: func(channel string, status engine.Status, reason string) {
			m.outcomes.WithLabelValues(channel, string(status), reason).Inc()
		},
		Waited:  func(channel string, wait time.Duration) { m.waits.WithLabelValues(channel).Observe(wait.Seconds()) },
		Refused: func(channel, kind string) { m.errors.WithLabelValues(channel, kind).Inc() },
		Sent:    func(queue string, after time.Duration) { m.sent.WithLabelValues(queue).Observe(after.Seconds()) },
	}
}

func (m *roomMetrics) notify() func(engine.PostingStatus, time.Duration) {
	return func(status engine.PostingStatus, took time.Duration) {
		m.postings.WithLabelValues(string(status)).Observe(took.Seconds())
	}
}

func (m *roomMetrics) inbox() inbox.Metrics {
	return inbox.Metrics{
		Stored: func(events int) { m.events.Add(float64(events)) },
		Poison: m.poison.Inc,
		Turn: func(outcome string, took time.Duration) {
			m.turns.WithLabelValues(outcome).Observe(took.Seconds())
		},
		Answered: func(after time.Duration) { m.answered.Observe(after.Seconds()) },
	}
}
