package phone

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// What is read without being taken apart must be what the library makes of it.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"0912345678", "+886912345678", "+84912345678", "0223456789", "+6281234567890", "+60123456789", "+66812345678", "0800123456", "+8860912345678", "0161234567"} {
		for region := range countries() {
			f.Add(s, uint8(region))
		}
	}
	f.Fuzz(func(t *testing.T, s string, at uint8) {
		region := countries()[int(at)%len(countries())].region
		got, ok := plain(s, region)
		if !ok {
			return
		}
		if want, known := taken(s, region); !known || got != want {
			t.Errorf("%q in %s is read as %q; taken apart it is %q, %v", s, region, got, want, known)
		}
	})
}

// TestPlainIsTheLibrarys holds it for numbers of every prefix and length.
func TestPlainIsTheLibrarys(t *testing.T) {
	t.Parallel()
	read := 0
	for _, c := range countries() {
		for prefix := range 1000 {
			for _, digits := range []int{7, 8, 9, 10, 11} {
				rest := (fmt.Sprint(prefix) + "2345678901")[:digits]
				for _, s := range []string{"0" + rest, fmt.Sprintf("+%d%s", c.code, rest), rest} {
					for _, in := range []string{c.region, "US"} {
						got, ok := plain(s, in)
						if !ok {
							continue
						}
						read++
						if want, known := taken(s, in); !known || got != want {
							t.Fatalf("%q in %s is read as %q; taken apart it is %q, %v", s, in, got, want, known)
						}
					}
				}
			}
		}
	}
	if read < 1000 {
		t.Errorf("only %d numbers were plain", read)
	}
}

// TestCountriesArePlain holds what the reading of plain numbers stands on.
func TestCountriesArePlain(t *testing.T) {
	t.Parallel()
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range countries() {
		if shared := phonenumbers.GetRegionCodesForCountryCode(int(c.code)); len(shared) != 1 || shared[0] != c.region {
			t.Errorf("%d is the code of %v", c.code, shared)
		}
		for _, m := range all.GetMetadata() {
			if m.GetId() == c.region && (m.GetNationalPrefixForParsing() != "0" || m.GetNationalPrefixTransformRule() != "" || !strings.HasPrefix(m.GetInternationalPrefix(), "0")) {
				t.Errorf("%s says %q within the country and %q to others", c.region, m.GetNationalPrefixForParsing(), m.GetInternationalPrefix())
			}
		}
	}
}

// TestParseReadsPlainly holds that Parse takes the short way for what systems
// write of each of the countries: the library alone makes more than all of it.
func TestParseReadsPlainly(t *testing.T) { // counts what is made, which tests beside it would add to
	for region, number := range map[string]string{"ID": "812345678", "MY": "361234567", "TH": "812345678", "TW": "912345678", "VN": "912345678"} {
		at := slices.IndexFunc(countries(), func(c country) bool { return c.region == region })
		if at < 0 {
			t.Errorf("%s is not among the countries", region)
			continue
		}
		for text, in := range map[string]string{"0" + number: region, fmt.Sprintf("+%d%s", countries()[at].code, number): "US"} {
			parsed := testing.AllocsPerRun(20, func() {
				if _, err := Parse(text, in); err != nil {
					t.Fatal(err)
				}
			})
			if apart := testing.AllocsPerRun(20, func() { taken(text, in) }); parsed >= apart {
				t.Errorf("%q in %s makes %v things, taken apart %v", text, in, parsed, apart)
			}
		}
	}
	if len(countries()) != 5 {
		t.Errorf("%d countries are plain, and 5 are looked at here", len(countries()))
	}
}
