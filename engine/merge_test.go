package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/engine"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	before := engine.Contact{
		Name: "Mai", Email: "old@example.com",
		Attributes: map[string]any{"a": 1.0, "b": 2.0},
		Tags:       []string{"x", "y"},
		Phones:     []engine.Phone{{E164: "+84912345678", Source: engine.PhonePlatform}, {E164: "+84900000000", Source: engine.PhoneTyped}},
	}
	c := before
	engine.Merge(&engine.Deltas{
		Set: map[string]any{"b": 3.0, "c": "new"}, Unset: []string{"a"},
		Facts:   map[string]any{"first_name": "Mai", "email": nil, "birthday": "1995-03-08", "shoe_size": "7"},
		AddTags: []string{"z", "x"}, DropTags: []string{"y", "w"},
		Phones: []engine.Phone{{E164: "+84912345678", Source: engine.PhoneTyped}, {E164: "+84900000000", Source: engine.PhoneAPI}, {E164: "+84911111111", Source: engine.PhoneTyped}},
	}, &c)
	want := engine.Contact{
		Name: "Mai", FirstName: "Mai", Birthday: "1995-03-08",
		Attributes: map[string]any{"b": 3.0, "c": "new"},
		Tags:       []string{"x", "z"},
		Phones: []engine.Phone{{E164: "+84912345678", Source: engine.PhonePlatform}, {E164: "+84900000000", Source: engine.PhoneAPI},
			{E164: "+84911111111", Source: engine.PhoneTyped}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if before.Attributes["b"] != 2.0 || before.Tags[1] != "y" || before.Phones[1].Source != engine.PhoneTyped {
		t.Errorf("what others hold of the contact was written to: %+v", before)
	}
	engine.Merge(&engine.Deltas{}, &c)
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("nothing changed it (-want +got)\n%s", diff)
	}
}

// Of numbers believed alike the newest stands first, also one that was known.
func TestMergePhones(t *testing.T) {
	t.Parallel()
	c := engine.Contact{Phones: []engine.Phone{{E164: "+84900000001", Source: engine.PhonePlatform}, {E164: "+84900000002", Source: engine.PhoneAPI}}}
	for _, step := range []struct {
		add  engine.Phone
		want string
	}{
		{engine.Phone{E164: "+84900000003", Source: engine.PhoneAPI}, "132"},
		{engine.Phone{E164: "+84900000002", Source: engine.PhoneAPI}, "123"},
		{engine.Phone{E164: "+84900000002", Source: engine.PhoneTyped}, "123"},
		{engine.Phone{E164: "+84900000003", Source: engine.PhonePlatform}, "312"},
	} {
		engine.Merge(&engine.Deltas{Phones: []engine.Phone{step.add}}, &c)
		got := ""
		for _, p := range c.Phones {
			got += p.E164[len(p.E164)-1:]
		}
		if got != step.want {
			t.Errorf("after %+v they stand as %s, want %s", step.add, got, step.want)
		}
	}
}

func TestMergeIdentity(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	i := engine.Identity{SubscribedAt: at}
	engine.MergeIdentity(&engine.Deltas{Subscribe: &yes}, &i, at.Add(time.Hour))
	if !i.SubscribedAt.Equal(at) {
		t.Errorf("subscribing again moved the day to %s", i.SubscribedAt)
	}
	engine.MergeIdentity(&engine.Deltas{Subscribe: &no, Handover: &engine.Handover{State: engine.ConversationAgent, Until: at.Add(time.Hour), Note: "n"}}, &i, at)
	if !i.SubscribedAt.IsZero() || !i.UnsubscribedAt.Equal(at) || !i.HandedOver(at) || i.HandedOver(at.Add(time.Hour)) || i.ConversationNote != "n" {
		t.Errorf("it is %+v", i)
	}
	engine.MergeIdentity(&engine.Deltas{Subscribe: &yes, Handover: &engine.Handover{}}, &i, at)
	if i.SubscribedAt.IsZero() || !i.UnsubscribedAt.IsZero() || i.HandedOver(at) {
		t.Errorf("it is %+v", i)
	}
}
