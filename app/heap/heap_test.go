package heap

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
)

func TestAHeapGrowsToTheFloorOrDoubles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		living uint64
		want   int
	}{
		{0, 100},          // nothing is known yet
		{Floor / 80, 400}, // far from the floor: five times what lives
		{Floor / 4, 300},  // to the floor
		{Floor / 2, 100},  // twice, as ever
		{Floor * 10, 100}, //
	} {
		if got := growth(c.living); got != c.want {
			t.Errorf("%d MB living may grow by %d %%, want %d", c.living>>20, got, c.want)
		}
	}
}

func TestSmallChangesAreLetBe(t *testing.T) {
	t.Parallel()
	var set []int
	k := &keeper{percent: usual, set: func(percent int) { set = append(set, percent) }}
	for _, living := range []uint64{Floor / 4, Floor/4 + 1<<16, Floor / 3, Floor, Floor * 2} {
		k.adjust(living)
	}
	if want := []int{300, 200, 100}; !slices.Equal(set, want) {
		t.Errorf("set to %v, want %v", set, want)
	}
}

func TestEachSweepAdjustsAnew(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	k := &keeper{percent: usual, set: func(int) {}, living: func() uint64 { asked.Add(1); return Floor }}
	k.again()
	for asked.Load() < 3 { // a cleanup runs some time after the sweep it follows
		runtime.GC()
		runtime.Gosched()
	}
}
