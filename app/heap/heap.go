// Package heap decides how often the process looks for garbage.
package heap

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Floor is how large a heap may grow before it is swept, however little of it
// lives. What lives here is small, about 10 MB in a server and 30 MB in a worker
// amid a broadcast, so that Go's usual rule, to sweep when the heap has doubled,
// took a quarter of the processor.
const Floor = 80 << 20

// Bounds of how much a heap may grow, in percent.
const (
	usual = 100 // Go's own setting
	most  = 400 // what lives may be several times as much at the next sweep, as at the start
)

// Keep holds the rule from now on: a heap is swept when it has reached Floor
// and has doubled. Where GOGC is set, that decides and Keep does nothing.
func Keep() {
	if os.Getenv("GOGC") != "" {
		return
	}
	k := &keeper{percent: usual, living: living, set: func(percent int) { debug.SetGCPercent(percent) }}
	k.again()
}

// keeper sets anew how much a heap may grow, each time it was swept.
type keeper struct {
	percent int
	living  func() uint64 // bytes that the last sweep has left
	set     func(percent int)
}

// again adjusts to what lives now, and waits for the next sweep: an object that
// nobody holds is gone after it.
func (k *keeper) again() {
	k.adjust(k.living())
	runtime.AddCleanup(new([16]byte), (*keeper).again, k)
}

// adjust sets the growth that takes the living to the floor. Each setting stops
// the program for an instant, so small changes are let be.
func (k *keeper) adjust(living uint64) {
	percent := growth(living)
	if difference := percent - k.percent; difference*10 > k.percent || -difference*10 > k.percent {
		k.percent = percent
		k.set(percent)
	}
}

// growth is by how many percent a heap may grow of which so many bytes live.
func growth(living uint64) int {
	if living == 0 {
		return usual
	}
	return min(max(int(Floor*100/living)-100, usual), most)
}

// living asks the runtime; 0 when it does not tell.
func living() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
