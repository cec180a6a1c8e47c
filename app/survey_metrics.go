package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/blockcast/blockcast/engine"
)

// Times of the survey's metrics.
const (
	surveyEvery   = 15 * time.Second
	surveyTimeout = time.Second // to read the last one, for one scrape
)

// surveyMetrics shows what a worker saw last of the tables. A scrape reads one
// row; without the database it shows what the process knew before, and the age
// says so.
type surveyMetrics struct {
	read  func(context.Context) (*engine.Survey, error)
	now   func() time.Time
	apart func() time.Duration
	log   *slog.Logger

	mu   sync.Mutex
	last *engine.Survey

	age, open, recent, oldestDue, inbox, oldestInbox *prometheus.Desc
	receipts, poison, accounts, paused, processes    *prometheus.Desc
	notices, oldestNotice, clock                     *prometheus.Desc
}

func newSurveyMetrics(i *instance) *surveyMetrics {
	return &surveyMetrics{
		read: i.store.LastSurvey, now: i.clock.Now, apart: i.clock.apart, log: i.log,
		age:          gauge("blockcast_survey_age_seconds", "How old the numbers are that a worker counts in the tables: ledger, inbox, accounts, pauses, processes."),
		open:         gauge("blockcast_ledger_open_rows", "Deliveries that something is still to be done for, by state; counted up to 100,000.", "status"),
		recent:       gauge("blockcast_ledger_recent_rows", "The newest 100,000 deliveries by state.", "status"),
		oldestDue:    gauge("blockcast_ledger_oldest_due_seconds", "How long the longest waiting delivery of a working account should have gone out; 0 when none waits."),
		inbox:        gauge("blockcast_inbox_open_interactions", "What people did and nobody has answered yet; counted up to 100,000."),
		oldestInbox:  gauge("blockcast_inbox_oldest_seconds", "How long the first of them has waited; 0 when none waits."),
		receipts:     gauge("blockcast_receipts_waiting", "Platforms' words about messages that are not applied yet."),
		notices:      gauge("blockcast_webhook_postings_waiting", "Notices that outgoing webhooks are still to be told: due, or later, when the pause after a failure is over; counted up to 100,000.", "when"),
		oldestNotice: gauge("blockcast_webhook_postings_oldest_due_seconds", "How long the longest waiting notice to an outgoing webhook should have been posted; 0 when none is due."),
		poison:       gauge("blockcast_poison_events", "Events of the last day that could not be stored as they were."),
		accounts:     gauge("blockcast_accounts", "Connections to platforms, by channel and state.", "channel", "state"),
		paused:       gauge("blockcast_paused", "Switches that are off: everything (1 or 0), and bots by themselves.", "what"),
		processes:    gauge("blockcast_processes", "Processes heard of in the last minute, by role.", "role"),
		clock:        gauge("blockcast_clock_apart_seconds", "How far the database's clock is ahead of this machine's; beyond 30 either way a process stops."),
	}
}

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (m *surveyMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.age, m.open, m.recent, m.oldestDue, m.inbox, m.oldestInbox, m.receipts, m.notices, m.oldestNotice, m.poison, m.accounts, m.paused, m.processes, m.clock} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m *surveyMetrics) Collect(out chan<- prometheus.Metric) {
	show := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	show(m.clock, m.apart().Seconds())
	v := m.latest()
	if v == nil {
		return // no worker has looked yet
	}
	now := m.now()
	show(m.age, now.Sub(v.At).Seconds())
	for _, status := range [...]engine.Status{engine.Held, engine.Queued, engine.Sending} {
		show(m.open, float64(v.Open[status]), string(status))
	}
	for _, status := range ledgerStates {
		show(m.recent, float64(v.Recent[engine.Status(status)]), status)
	}
	show(m.oldestDue, waited(v.At, v.OldestDue))
	show(m.inbox, float64(v.Inbox))
	show(m.oldestInbox, waited(v.At, v.OldestInbox))
	show(m.receipts, float64(v.Receipts))
	show(m.notices, float64(v.NoticesDue), "due")
	show(m.notices, float64(v.NoticesLater), "later")
	show(m.oldestNotice, waited(v.At, v.OldestNotice))
	show(m.poison, float64(v.Poison))
	for _, c := range v.Accounts {
		show(m.accounts, float64(c.Count), c.Channel, string(c.State))
	}
	everything, bots := 0, 0
	for _, p := range v.Pauses {
		if p.BotID == "" {
			everything++
		} else {
			bots++
		}
	}
	show(m.paused, float64(everything), "everything")
	show(m.paused, float64(bots), "bots")
	roles := map[string]int{roleServe: 0, roleServeOnly: 0, roleWork: 0}
	for _, p := range v.Processes {
		if _, known := roles[p.Role]; known {
			roles[p.Role]++
		}
	}
	for role, n := range roles {
		show(m.processes, float64(n), role)
	}
}

// latest reads the last survey, or gives the one it read before.
func (m *surveyMetrics) latest() *engine.Survey {
	ctx, cancel := context.WithTimeout(context.Background(), surveyTimeout)
	defer cancel()
	v, err := m.read(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err != nil:
		m.log.Warn("survey unreadable", "error", err)
	case v != nil:
		m.last = v
	}
	return m.last
}

// waited is for how long something has waited at a time, 0 for nothing.
func waited(at, since time.Time) float64 {
	if since.IsZero() || since.After(at) {
		return 0
	}
	return at.Sub(since).Seconds()
}
