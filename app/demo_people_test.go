package app

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/phone"
)

func TestTheDemosPeopleAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	first, second := madeUp(), madeUp()
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
	if len(first) != demoPeople {
		t.Errorf("%d people", len(first))
	}
}

func TestTheDemosPhonesAreReal(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	blocked, handed, both, onPage := 0, 0, 0, 0
	for _, p := range madeUp() {
		region := "VN"
		if strings.HasPrefix(p.Phone, "+886") {
			region = "TW"
		}
		got, err := phone.Parse(p.National, region)
		if err != nil || got != p.Phone {
			t.Errorf("%s in %s is %s, %v; want %s", p.National, region, got, err, p.Phone)
		}
		if seen[p.Phone] || seen[p.National] {
			t.Errorf("%s twice", p.National)
		}
		seen[p.Phone], seen[p.National] = true, true
		if !p.OnLINE && !p.OnPage {
			t.Errorf("%s is nowhere", p.National)
		}
		if p.OnPage {
			onPage++
		}
		if p.OnLINE && p.OnPage {
			both++
		}
		if p.Blocked {
			blocked++
		}
		if p.HandedOver {
			handed++
		}
	}
	if blocked == 0 || handed == 0 || blocked > 50 {
		t.Errorf("%d blocked, %d handed over", blocked, handed)
	}
	if both == 0 || onPage <= both || onPage > demoPeople/2 {
		t.Errorf("%d are on Messenger, %d of them on LINE too", onPage, both)
	}
}
