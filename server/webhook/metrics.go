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

	of map[string]accepted // by channel
}

// accepted counts what a channel's webhooks bring in. They are looked up once:
// every webhook counts by all of them.
type accepted struct {
	stored, taken, ignored, foreign prometheus.Counter
	ack                             prometheus.Observer
}

func newMetrics(r prometheus.Registerer, of map[string]channels.Channel) *metrics {
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
	m.of = make(map[string]accepted, len(of))
	for channel := range of {
		m.of[channel] = accepted{
			stored: m.requests.WithLabelValues(channel, stored),
			taken:  m.events.WithLabelValues(channel, "accepted"), ignored: m.events.WithLabelValues(channel, "ignored"),
			foreign: m.events.WithLabelValues(channel, "foreign"),
			ack:     m.ack.WithLabelValues(channel),
		}
	}
	return m
}

func (m *metrics) count(channel, outcome string) { m.requests.WithLabelValues(channel, outcome).Inc() }

func (m *metrics) accepted(channel string, r *channels.Received, foreign int, took time.Duration) {
	of := m.of[channel]
	of.stored.Inc()
	of.ack.Observe(took.Seconds())
	of.taken.Add(float64(len(r.Updates) + len(r.Receipts) + len(r.Notices) - foreign))
	of.ignored.Add(float64(r.Ignored))
	of.foreign.Add(float64(foreign))
}
