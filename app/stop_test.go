package app

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// A stop in the middle of load leaves nothing held, and what was taken goes out
// once, by the next process.
func TestAStopUnderLoadLeavesNothingHeld(t *testing.T) {
	trials(t, func(t *testing.T, s *trial) {
		stop := s.serve()
		s.open(trialFlow)
		people := s.people(24)
		if err := s.line.SetFaults(sandbox.Fault{Kind: sandbox.Latency, Min: sandbox.Duration(10 * time.Millisecond), Max: sandbox.Duration(60 * time.Millisecond)}); err != nil {
			t.Fatal(err)
		}
		var taken sync.Map // person → *atomic.Int64
		var sum atomic.Int64
		enough, over := make(chan struct{}), make(chan struct{})
		var load sync.WaitGroup
		for n := range 8 {
			load.Go(func() {
				for i := n; ; i++ {
					select {
					case <-over:
						return
					default:
					}
					person := people[i%len(people)]
					if i%4 == 0 {
						_, _ = s.line.Write(t.Context(), "shop", person, "hello") // what is refused comes again from a real platform
						continue
					}
					if status, _ := s.sends(person, "news"); status == http.StatusAccepted {
						count, _ := taken.LoadOrStore(person, new(atomic.Int64))
						count.(*atomic.Int64).Add(1)
						if sum.Add(1) == 150 {
							close(enough)
						}
					}
				}
			})
		}
		<-enough
		stop()
		close(over)
		load.Wait()

		for what, query := range map[string]string{
			"contacts": `SELECT contact_id FROM contact_leases WHERE owner <> ''`,
			"rows":     `SELECT id FROM deliveries WHERE closed_at IS NULL AND (lease_until IS NOT NULL OR status = 'sending')`,
			"tickers":  `SELECT name FROM locks`,
			"presence": `SELECT id FROM processes`,
			"unknowns": `SELECT id FROM deliveries WHERE status = 'unknown'`,
		} {
			if left := s.asks(query); len(left) > 0 {
				t.Errorf("%s are left: %v", what, left)
			}
		}
		if err := s.line.SetFaults(); err != nil {
			t.Fatal(err)
		}
		s.serve()
		s.waits(`SELECT COUNT(*) FROM deliveries WHERE closed_at IS NULL`, "0")
		got := map[string]int64{}
		for _, call := range s.line.Accepted() {
			if len(call.Messages) > 0 && strings.Contains(string(call.Messages[0]), "News.") {
				got[call.To[0]]++
			}
		}
		for _, row := range s.asks(`SELECT i.external_id || '=' || COUNT(*) FROM deliveries d JOIN identities i ON i.id = d.identity_id
			WHERE d.send_id <> '' AND d.status = 'sent' GROUP BY i.external_id`) {
			person, stored, _ := strings.Cut(row, "=")
			if fmt.Sprint(got[person]) != stored {
				t.Errorf("%s got %d, the ledger has %s", person, got[person], stored)
			}
			if count, ok := taken.Load(person); ok && got[person] < count.(*atomic.Int64).Load() {
				t.Errorf("%s got %d, %d were taken", person, got[person], count.(*atomic.Int64).Load())
			}
		}
	})
}
