package store_test

import (
	"context"
	"errors"
	"fmt"
	"hash/crc64"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// each runs a test on both databases.
func each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, f)
}

// noon is the time of the tests' database.
var noon = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// world is a bot with one active account.
type world struct {
	t       testing.TB
	ctx     context.Context
	db      *store.DB
	name    string
	bot     engine.Bot
	account engine.Account
	ids     int
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	return worldOf(t, db, "shop")
}

func worldOf(t testing.TB, db *store.DB, name string) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), db: db, name: name}
	w.bot = engine.Bot{ID: w.id(), Name: name, TimeZone: "Asia/Taipei", DefaultRegion: "TW", CreatedAt: noon}
	must(t, db.CreateBot(w.ctx, w.bot))
	w.account = engine.Account{ID: w.id(), BotID: w.bot.ID, Channel: "line", ExternalID: "U-" + name, State: engine.AccountActive,
		Secrets: map[string]string{"token": "t-" + name}, CreatedAt: noon}
	must(t, db.CreateAccount(w.ctx, w.account, []string{"@" + name}))
	return w
}

// id is a new id of 24 hex digits.
func (w *world) id() string {
	w.ids++
	return fmt.Sprintf("%016x%08x", crc64.Checksum([]byte(w.name), crc64.MakeTable(crc64.ISO)), w.ids)
}

func (w *world) person(external string) *engine.Identity {
	w.t.Helper()
	i, err := w.db.CreateIdentity(w.ctx, w.bot.ID, outbox.NewIdentity{AccountID: w.account.ID, ExternalID: external, Now: noon})
	must(w.t, err)
	return i
}

func (w *world) contact(id int64) *engine.Contact {
	w.t.Helper()
	c, err := w.db.Contact(w.ctx, w.bot.ID, id)
	must(w.t, err)
	if c == nil {
		w.t.Fatalf("contact %d is unknown", id)
	}
	return c
}

func (w *world) identity(id int64) *engine.Identity {
	w.t.Helper()
	i, err := w.db.Identity(w.ctx, w.bot.ID, id)
	must(w.t, err)
	if i == nil {
		w.t.Fatalf("identity %d is unknown", id)
	}
	return i
}

// order is a queued send to somebody.
func (w *world) order(to *engine.Identity) outbox.Stored {
	send := engine.Send{ID: w.id(), BotID: w.bot.ID, Source: "api", CreatedAt: noon, ExpiresAt: noon.Add(24 * time.Hour)}
	return outbox.Stored{Send: send, ContactID: to.ContactID, Delivery: &engine.Delivery{BotID: w.bot.ID, AccountID: w.account.ID,
		ContactID: to.ContactID, IdentityID: to.ID, Status: engine.Queued, Intent: engine.IntentUtility, NotBefore: noon,
		ExpiresAt: send.ExpiresAt, CreatedAt: noon}}
}

// queued accepts an order for somebody and returns its delivery.
func (w *world) queued(to *engine.Identity) int64 {
	w.t.Helper()
	return w.accepted(w.order(to))[0].DeliveryID
}

func (w *world) accepted(orders ...outbox.Stored) []outbox.Result {
	w.t.Helper()
	r, err := w.db.Accept(w.ctx, orders)
	must(w.t, err)
	return r
}

// claimed is a delivery held for a minute by the attempt.
func (w *world) claimed(id int64, attempt string, now time.Time) *engine.Delivery {
	w.t.Helper()
	d := w.claim(id, attempt, now)
	if d == nil {
		w.t.Fatalf("delivery %d is not to be had", id)
	}
	return d
}

func (w *world) claim(id int64, attempt string, now time.Time) *engine.Delivery {
	w.t.Helper()
	d, err := w.db.Claim(w.ctx, id, outbox.Claim{AttemptID: attempt, Now: now, LeaseUntil: now.Add(time.Minute)})
	must(w.t, err)
	return d
}

func (w *world) claimedUntil(id int64, now, until time.Time) {
	w.t.Helper()
	d, err := w.db.Claim(w.ctx, id, outbox.Claim{AttemptID: "a0", Now: now, LeaseUntil: until})
	must(w.t, err)
	if d == nil {
		w.t.Fatalf("delivery %d is not to be had", id)
	}
}

func (w *world) delivery(id int64) *engine.Delivery {
	w.t.Helper()
	d, err := w.db.Delivery(w.ctx, w.bot.ID, id)
	must(w.t, err)
	return d
}

func (w *world) lease(contact int64) *outbox.Lease {
	w.t.Helper()
	l, _, err := w.db.TakeLease(w.ctx, contact, "w1", noon, noon.Add(time.Minute))
	must(w.t, err)
	if l == nil {
		w.t.Fatalf("contact %d is leased", contact)
	}
	return l
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same holds that got is want.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// refused holds that err is a caller's mistake of a kind.
func refused(t testing.TB, err error, code engine.ErrorCode) {
	t.Helper()
	if !engine.IsCode(err, code) {
		t.Errorf("error is %v, want code %s", err, code)
	}
}

// lost holds that err says the row is no longer ours.
func lost(t testing.TB, err error) {
	t.Helper()
	if !errors.Is(err, outbox.ErrLost) {
		t.Errorf("error is %v, want ErrLost", err)
	}
}
