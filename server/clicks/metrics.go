package clicks

import "github.com/prometheus/client_golang/prometheus"

// What becomes of a request here; what becomes of a tap that counts is told by
// who keeps it.
const (
	filtered    = "filtered"    // a machine asked
	refused     = "refused"     // the address is none of ours, or kept no more
	unavailable = "unavailable" // the database was away, and the link not known
)

type metrics struct{ opened *prometheus.CounterVec }

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "blockcast_link_requests_total", Help: "Addresses of links that were opened and did not count, by why.",
	}, []string{"outcome"})}
	r.MustRegister(m.opened)
	return m
}

func (m *metrics) count(outcome string) { m.opened.WithLabelValues(outcome).Inc() }
