package e2e_test

import "testing"

// What a flow has planned comes also when the process was not there at its
// time, and comes once.
func TestLaterSurvivesARestart(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*world){"embedded": func(*world) {}, "production": (*world).production} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			start(w)
			stop := w.serve()
			w.settle()
			mai := w.person(0)
			w.writes(mai, "remind")
			w.hears(mai, "reply: I will remind you.")
			stop()
			w.base = ""
			w.serve()
			w.hears(mai, "reply: I will remind you.", "push: Here I am.")
			w.settled("sent", 2)
		})
	}
}
