package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

func noonClock() time.Time { return noon }

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]store.Config{
		"nothing":   {},
		"no folder": {URL: t.TempDir() + "/none/blockcast.db", Now: noonClock, NewID: func() string { return "" }},
		"no server": {URL: "postgres://nobody@127.0.0.1:1/none?connect_timeout=1", Now: noonClock, NewID: func() string { return "" }},
		"nonsense":  {URL: "postgres://%zz", Now: noonClock, NewID: func() string { return "" }},
	} {
		db, err := store.Open(t.Context(), c)
		if err == nil {
			t.Errorf("%s was opened", name)
			_ = db.Close()
		}
	}
}

func TestOnlyItsOwnerReadsTheFile(t *testing.T) {
	t.Parallel()
	url := storetest.SQLite(t)
	db, err := store.Open(t.Context(), store.Config{URL: url, Now: noonClock, NewID: func() string { return "" }})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	must(t, db.Migrate(t.Context()))
	for _, name := range []string{url, url + "-wal"} {
		info, err := os.Stat(name)
		must(t, err)
		same(t, "permission of "+filepath.Base(name), info.Mode().Perm(), os.FileMode(0o600))
	}
}

func TestClockAndPing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		must(t, db.Ping(t.Context()))
		at, err := db.Clock(t.Context())
		must(t, err)
		if apart := time.Since(at).Abs(); apart > time.Minute || at.Location() != time.UTC {
			t.Errorf("the database's clock says %s", at)
		}
	})
}

func TestTxKeepsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		boom := errors.New("boom")
		p := w.person("U1")
		change := func(ctx context.Context, fail error) error {
			return db.Tx(ctx, func(ctx context.Context) error {
				if err := db.CreateBot(ctx, engine.Bot{ID: "b-tx", Name: "tx"}); err != nil { // through gorm
					return err
				}
				if err := db.PatchContact(ctx, w.bot.ID, p.ContactID, 0, engine.Deltas{Set: map[string]any{"a": "b"}, AddTags: []string{"t"}}, noon); err != nil { // through scripts
					return err
				}
				c, err := db.Contact(ctx, w.bot.ID, p.ContactID)
				if err != nil || c.Attributes["a"] != "b" {
					t.Errorf("inside, the transaction's own writing is not seen: %+v, %v", c, err)
				}
				return fail
			})
		}
		if err := change(w.ctx, boom); !errors.Is(err, boom) {
			t.Errorf("error is %v", err)
		}
		_, err := db.BotByName(w.ctx, "tx")
		refused(t, err, engine.NotFound)
		same(t, "attributes after a rollback", w.contact(p.ContactID).Attributes, map[string]any{})
		must(t, change(w.ctx, nil))
		_, err = db.BotByName(w.ctx, "tx")
		must(t, err)
		same(t, "attributes after a commit", w.contact(p.ContactID).Attributes, map[string]any{"a": "b"})
	})
}

// What one event's data breaks is stored without it, and the rest with it.
func TestOnePoisonedEventIsKeptApart(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		if db.Driver() == "sqlite" {
			t.Skip("SQLite keeps a key of any length")
		}
		w := newWorld(t, db)
		var long strings.Builder
		for n := range 2000 {
			fmt.Fprintf(&long, "%x", sha256.Sum256([]byte{byte(n), byte(n >> 8)}))
		}
		bad, good := w.wrote("U1", long.String(), noon), w.wrote("U2", "good", noon)
		_, err := db.StoreArrivals(w.ctx, inbox.Batch{Arrivals: []inbox.Arrival{bad, good}, Now: noon})
		if err == nil || db.Away(err) {
			t.Fatalf("error is %v", err)
		}
		if _, err = db.StoreArrivals(w.ctx, inbox.Batch{Arrivals: []inbox.Arrival{bad}, Now: noon}); err == nil {
			t.Fatal("the bad event was stored by itself")
		}
		must(t, db.StorePoison(w.ctx, bad, err.Error()))
		same(t, "poison", store.CountRows(t, db)["poison"], 1)
		w.arrive(good)
		if w.known("U2").LastInboundAt.IsZero() {
			t.Error("the good event was not stored")
		}
	})
}

func TestOddTextHarmsNobody(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.arrive(w.wrote("U\x001\xff", "a\x00", noon))
		p := w.known("U1\uFFFD")
		o := w.order(p)
		o.Send.Request = []byte(`{"a": "\u0000\ud800", "b": "` + "\xff" + `"}`)
		o.Delivery.Category, o.Key, o.TokenHash = "c\x00\xff", "k\xff", "t"
		o.Deltas = engine.Deltas{Facts: map[string]any{"name": "M\x00ai"}, AddTags: []string{"v\x00ip"}, Set: map[string]any{"a\x00": "b\x00"}}
		d := w.claimed(w.accepted(o)[0].DeliveryID, "a1", noon)
		must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: d, Status: engine.Failed, Error: "odd \x00\xff", Now: noon}))
		c := w.contact(p.ContactID)
		same(t, "kept", []any{c.Name, c.Tags, c.Attributes, w.delivery(d.ID).Error}, []any{"Mai", []string{"vip"}, map[string]any{"a": "b"}, "odd \uFFFD"})
	})
}

func TestPoisonIsStoredWhateverItIs(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a := w.wrote("U1", "\x00\xff", noon)
		a.Inbound.Data = strings.Repeat("\x00", 100<<10)
		must(t, db.StorePoison(w.ctx, a, "invalid \xff byte"))
		must(t, db.StorePoison(w.ctx, a, "again"))
		same(t, "rows", store.CountRows(t, db)["event_keys"], 1)
	})
}

func TestAwayTellsAbsenceFromRefusal(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		same(t, "no error", db.Away(nil), false)
		same(t, "a refusal", db.Away(store.Exec(t, db, `INSERT INTO sends (id) VALUES (NULL)`)), false)
		same(t, "a mistake", db.Away(store.Exec(t, db, `SELECT nothing FROM nowhere`)), false)
		ctx, cancel := context.WithCancel(w.ctx)
		cancel()
		_, err := db.StoreArrivals(ctx, inbox.Batch{Arrivals: []inbox.Arrival{w.wrote("U1", "a", noon)}, Now: noon})
		same(t, "a caller that left", db.Away(err), true)
		must(t, db.Close())
		_, err = db.StoreArrivals(w.ctx, inbox.Batch{Arrivals: []inbox.Arrival{w.wrote("U1", "a", noon)}, Now: noon})
		same(t, fmt.Sprintf("a closed database (%v)", err), db.Away(err), true)
	})
}

// 800 transactions that read before they write, at once: none is told that the
// database is busy.
func TestNobodyIsToldThatTheDatabaseIsBusy(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		var wg sync.WaitGroup
		for n := range 800 {
			wg.Go(func() {
				err := db.Tx(w.ctx, func(ctx context.Context) error {
					if _, err := db.Contact(ctx, w.bot.ID, p.ContactID); err != nil {
						return err
					}
					return db.SetBotValues(ctx, w.bot.ID, map[string]any{fmt.Sprint("v", n): n})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		values, err := db.BotValues(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "values", len(values), 800)
	})
}

func TestLocksHaveOneOwner(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		take := func(owner string, now time.Time) bool {
			ok, err := db.TakeLock(t.Context(), "reconciler", owner, now, now.Add(time.Minute))
			must(t, err)
			return ok
		}
		same(t, "free", take("w1", noon), true)
		same(t, "held by another", take("w2", noon), false)
		same(t, "held by the same", take("w1", noon.Add(30*time.Second)), true)
		same(t, "its time is over", take("w2", noon.Add(90*time.Second)), true)
		must(t, db.ReleaseLock(t.Context(), "reconciler", "w1"))
		same(t, "released by another", take("w1", noon.Add(100*time.Second)), false)
		must(t, db.ReleaseLock(t.Context(), "reconciler", "w2"))
		same(t, "released", take("w1", noon.Add(100*time.Second)), true)
	})
}

func TestActionsAreNoted(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		must(t, db.NoteAction(t.Context(), store.Action{Actor: "cli", Action: "bot.create", Detail: map[string]any{"name": "shop"}}))
		same(t, "rows", store.CountRows(t, db)["audit_log"], 1)
	})
}

// xor is a cipher whose key and place matter.
type xor byte

func (x xor) Seal(plain, aad []byte) ([]byte, error) {
	out := append([]byte{byte(x), byte(len(aad))}, aad...)
	for _, b := range plain {
		out = append(out, b^byte(x))
	}
	return out, nil
}

func (x xor) Open(sealed, aad []byte) ([]byte, error) {
	head := append([]byte{byte(x), byte(len(aad))}, aad...)
	rest, ok := bytes.CutPrefix(sealed, head)
	if !ok {
		return nil, errors.New("not sealed by this key for this place")
	}
	out := make([]byte, len(rest))
	for i, b := range rest {
		out[i] = b ^ byte(x)
	}
	return out, nil
}

func TestSecretsAreGoodInTheirOwnPlace(t *testing.T) {
	t.Parallel()
	storetest.EachWith(t, store.Config{Cipher: xor(7)}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		must(t, db.CheckKey(w.ctx))
		must(t, db.CheckKey(w.ctx))
		must(t, db.SetSecret(w.ctx, w.bot.ID, "shop_key", "one"))
		must(t, db.SetSecret(w.ctx, w.bot.ID, "shop_key", "s3cret"))
		must(t, db.SetSecret(w.ctx, w.bot.ID, "other", "x"))
		v, err := db.Secret(w.ctx, w.bot.ID, "shop_key")
		must(t, err)
		same(t, "secret", v, "s3cret")
		v, ok := db.Secrets(w.ctx, w.bot.ID)("shop_key")
		same(t, "looked up", []any{v, ok}, []any{"s3cret", true})
		_, ok = db.Secrets(w.ctx, "another bot")("shop_key")
		same(t, "by another bot", ok, false)
		names, err := db.ListSecrets(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "names", names, []engine.Secret{{Name: "other", UpdatedAt: noon}, {Name: "shop_key", UpdatedAt: noon}})
		a, err := db.Account(w.ctx, w.account.ID)
		must(t, err)
		same(t, "the account's", a.Secrets, w.account.Secrets)

		must(t, store.Exec(t, db, `UPDATE secrets SET value = (SELECT value FROM secrets WHERE name = 'other') WHERE name = 'shop_key'`))
		must(t, db.SetSecret(w.ctx, w.bot.ID, "third", "y")) // what is kept for a second is forgotten
		if _, err := db.Secret(w.ctx, w.bot.ID, "shop_key"); !errors.Is(err, store.ErrKey) {
			t.Errorf("a value moved to another row was opened: %v", err)
		}
		must(t, db.SetSecret(w.ctx, w.bot.ID, "shop_key", ""))
		refused(t, db.SetSecret(w.ctx, w.bot.ID, "shop_key", ""), engine.NotFound)
		_, err = db.Secret(w.ctx, w.bot.ID, "shop_key")
		refused(t, err, engine.NotFound)
		n, err := db.Reseal(w.ctx)
		must(t, err)
		same(t, "sealed again", n, 3)
	})
}

func TestAnotherKeyIsRefused(t *testing.T) {
	t.Parallel()
	url := storetest.SQLite(t)
	open := func(c store.Cipher) *store.DB {
		db, err := store.Open(t.Context(), store.Config{URL: url, Now: noonClock, NewID: func() string { return "" }, Cipher: c})
		must(t, err)
		t.Cleanup(func() { must(t, db.Close()) })
		must(t, db.Migrate(t.Context()))
		return db
	}
	must(t, open(xor(7)).CheckKey(t.Context()))
	for _, c := range []store.Cipher{xor(8), nil} {
		if err := open(c).CheckKey(t.Context()); !errors.Is(err, store.ErrKey) {
			t.Errorf("another key: %v", err)
		}
	}
}

func TestReadsMayBeASecondOldButNotOwnWrites(t *testing.T) {
	t.Parallel()
	now := noon
	var mu sync.Mutex
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	storetest.EachWith(t, store.Config{Now: clock}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		_, err := db.Account(w.ctx, w.account.ID)
		must(t, err)
		must(t, store.Exec(t, db, `UPDATE accounts SET name = 'elsewhere'`))
		a, err := db.Account(w.ctx, w.account.ID)
		must(t, err)
		same(t, "at once", a.Name, "")
		mu.Lock()
		now = now.Add(time.Second)
		mu.Unlock()
		a, err = db.Account(w.ctx, w.account.ID)
		must(t, err)
		same(t, "after a second", a.Name, "elsewhere")
		a.Name = "own"
		must(t, db.UpdateAccount(w.ctx, *a))
		a, err = db.Account(w.ctx, w.account.ID)
		must(t, err)
		same(t, "an own write", a.Name, "own")
	})
}
