package webhook

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/blockcast/blockcast/channels"
)

// Outcomes of a webhook request.
const (
	stored         = "accepted"
	unknownAccount = "unknown_account"
	wrongSignature = "wrong_signature"
	unreadable     = "unreadable"
	busy           = "busy"
	failed         = "failed"
)

// metrics counts webhooks by channel; an unknown one has none.
type metrics struct {
	requests *prometheus.CounterVec
	events   *prometheus.CounterVec
	ack      *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "blockcast_webhook_requests_total", Help: "Webhook calls, by what became of them.",
		}, []string{"channel", "outcome"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "blockcast_webhook_events_total", Help: "Events in accepted webhooks: taken, meaning nothing to us, or meant for another account.",
		}, []string{"channel", "outcome"}),
		ack: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "blockcast_webhook_ack_seconds", Help: "Time from a webhook's arrival until all of it is stored.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 1.5, 2},
		}, []string{"channel"}),
	}
	r.MustRegister(m.requests, m.events, m.ack)
	return m
}

func (m *metrics) count(channel, outcome string) { m.requests.WithLabelValues(channel, outcome).Inc() }

func (m *metrics) accepted(channel string, r *channels.Received, foreign int, took time.Duration) {
	m.count(channel, stored)
	m.ack.WithLabelValues(channel).Observe(took.Seconds())
	m.events.WithLabelValues(channel, "accepted").Add(float64(len(r.Updates) + len(r.Receipts) + len(r.Notices) - foreign))
	m.events.WithLabelValues(channel, "ignored").Add(float64(r.Ignored))
	m.events.WithLabelValues(channel, "foreign").Add(float64(foreign))
}
