package media

import (
	"bytes"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
)

func TestSweepRemovesBytes(t *testing.T) {
	t.Parallel()
	k, s := keeper(t)
	now := noon
	k.Now = func() time.Time { return now }
	keep := func(contact int64, data []byte) *engine.Media {
		t.Helper()
		m, _, err := k.Keep(t.Context(), Upload{BotID: "b", ContactID: contact, Body: bytes.NewReader(data)})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	film := keep(0, movieOf("isom", 100, "vide"))
	keep(0, []byte("an upload"))
	keep(7, []byte("a letter"))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(k.Sweep(t.Context()))
	if len(s.bytes) != 4 {
		t.Errorf("%d files before anything is deleted", len(s.bytes))
	}
	must(k.Delete(t.Context(), "b", film.ID))
	must(k.Sweep(t.Context()))
	if len(s.bytes) != 2 || len(s.rows) != 2 {
		t.Errorf("%d files after the film with its preview", len(s.bytes))
	}
	now = now.Add(keepPerson + time.Hour)
	must(k.Sweep(t.Context()))
	if len(s.bytes) != 1 {
		t.Errorf("%d files after the person's time", len(s.bytes))
	}
}
