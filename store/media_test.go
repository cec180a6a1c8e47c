package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/media"
	"github.com/blockcast/blockcast/store"
)

// fileOf is a file of a bot, the n-th of a test.
func (w *world) fileOf(n int, contact int64, hash string) engine.Media {
	return engine.Media{ID: fmt.Sprintf("%032x", n), BotID: w.bot.ID, ContactID: contact, Name: "shirt.png", Kind: "image", Type: "image/png",
		Size: 100, Hash: hash, Width: 30, Height: 20, Duration: 1500 * time.Millisecond, Preview: 10, CreatedAt: noon.Add(time.Duration(n) * time.Minute)}
}

func (w *world) keeps(m engine.Media) {
	w.t.Helper()
	must(w.t, w.db.BeginMedia(w.ctx, m))
	must(w.t, w.db.FinishMedia(w.ctx, m.ID))
}

func TestMediaIsSeenOnceItIsWhole(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		m := w.fileOf(1, 0, "aa")
		must(t, db.BeginMedia(w.ctx, m))
		if _, err := db.Media(w.ctx, w.bot.ID, m.ID); !engine.IsCode(err, engine.NotFound) {
			t.Errorf("before its end: %v", err)
		}
		if got, err := db.MediaByHash(w.ctx, w.bot.ID, 0, "aa"); got != nil || err != nil {
			t.Errorf("before its end by its hash: %v, %v", got, err)
		}
		must(t, db.FinishMedia(w.ctx, m.ID))
		refused(t, db.FinishMedia(w.ctx, m.ID), engine.NotFound)
		got, err := db.Media(w.ctx, w.bot.ID, m.ID)
		must(t, err)
		same(t, "the file", *got, m)
		for name, find := range map[string]func() (*engine.Media, error){
			"by its id":      func() (*engine.Media, error) { return db.MediaByID(w.ctx, m.ID) },
			"by its hash":    func() (*engine.Media, error) { return db.MediaByHash(w.ctx, w.bot.ID, 0, "aa") },
			"not a person's": func() (*engine.Media, error) { return db.MediaByHash(w.ctx, w.bot.ID, 7, "aa") },
			"not another's":  func() (*engine.Media, error) { return db.MediaByHash(w.ctx, "other", 0, "aa") },
		} {
			got, err := find()
			must(t, err)
			if found := got != nil; found != (name[:3] == "by ") {
				t.Errorf("%s: found %v", name, got)
			}
		}
		_, err = db.Media(w.ctx, "other", m.ID)
		refused(t, err, engine.NotFound)
		refused(t, db.DeleteMedia(w.ctx, "other", m.ID, noon), engine.NotFound)
	})
}

func TestMediaIsListedByPages(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for n := 1; n <= 5; n++ {
			w.keeps(w.fileOf(n, 0, fmt.Sprint(n)))
		}
		w.keeps(w.fileOf(6, 9, "6"))
		var names []string
		cursor := ""
		for range 3 {
			page, next, err := db.ListMedia(w.ctx, w.bot.ID, 0, engine.Page{Limit: 2, Cursor: cursor})
			must(t, err)
			for _, m := range page {
				names = append(names, m.Hash)
			}
			cursor = next
		}
		same(t, "the files", names, []string{"5", "4", "3", "2", "1"})
		if cursor != "" {
			t.Errorf("there is a page after the last: %q", cursor)
		}
		sent, _, err := db.ListMedia(w.ctx, w.bot.ID, 9, engine.Page{})
		must(t, err)
		if len(sent) != 1 {
			t.Errorf("the person has %d files", len(sent))
		}
		for _, bad := range []string{"x", "1-2", "-" + w.fileOf(1, 0, "").ID} {
			_, _, err := db.ListMedia(w.ctx, w.bot.ID, 0, engine.Page{Cursor: bad})
			refused(t, err, engine.Invalid)
		}
	})
}

func TestMediaLeaves(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		person := w.person("U1").ContactID
		deleted, broken, sent, fresh, upload := w.fileOf(1, 0, "1"), w.fileOf(2, 0, "2"), w.fileOf(3, person, "3"), w.fileOf(1000, person, "4"), w.fileOf(4, 0, "5")
		for _, m := range []engine.Media{deleted, sent, fresh, upload} {
			w.keeps(m)
		}
		must(t, db.BeginMedia(w.ctx, broken))
		sum, err := db.MediaOf(w.ctx, w.bot.ID, person)
		must(t, err)
		if sum != 200 {
			t.Errorf("the person has %d bytes", sum)
		}
		must(t, db.DeleteMedia(w.ctx, w.bot.ID, deleted.ID, noon))
		must(t, db.OldMedia(w.ctx, noon.Add(time.Hour), noon.Add(time.Hour), noon, 100))
		gone, err := db.GoneMedia(w.ctx, 100)
		must(t, err)
		var ids []string
		for _, m := range gone {
			ids = append(ids, m.ID)
		}
		same(t, "what is gone", ids, []string{deleted.ID, broken.ID, sent.ID})
		refused(t, db.FinishMedia(w.ctx, broken.ID), engine.NotFound)
		must(t, db.KeepMediaAttachment(w.ctx, w.account.ID, deleted.ID, "image", "77", noon.Add(time.Hour)))
		must(t, db.ForgetMedia(w.ctx, append(ids, upload.ID)))
		if gone, err = db.GoneMedia(w.ctx, 100); err != nil || len(gone) != 0 {
			t.Errorf("after it is forgotten: %v, %v", gone, err)
		}
		if _, err := db.Media(w.ctx, w.bot.ID, upload.ID); err != nil {
			t.Errorf("what is kept was forgotten: %v", err)
		}
		if id, known, err := db.MediaAttachment(w.ctx, w.account.ID, deleted.ID, "image", noon); id != "" || known || err != nil {
			t.Errorf("its attachment: %q, %v", id, err)
		}
		must(t, db.EraseContact(w.ctx, w.bot.ID, person))
		if gone, err = db.GoneMedia(w.ctx, 100); err != nil || len(gone) != 1 || gone[0].ID != fresh.ID || gone[0].ContactID != 0 {
			t.Errorf("after the person is erased: %v, %v", gone, err)
		}
	})
}

func TestMediaFollowsAMergedPerson(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		one, other := w.person("U1").ContactID, w.person("U2").ContactID
		w.keeps(w.fileOf(1, other, "1"))
		must(t, db.MergeContacts(w.ctx, w.bot.ID, one, other))
		m, err := db.MediaByID(w.ctx, w.fileOf(1, 0, "").ID)
		must(t, err)
		if m.ContactID != one {
			t.Errorf("it is of contact %d, want %d", m.ContactID, one)
		}
	})
}

func TestMediaUses(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		m := w.fileOf(1, 0, "1")
		w.keeps(m)
		uses := func() []engine.MediaUse {
			t.Helper()
			got, err := db.MediaUses(w.ctx, w.bot.ID, m.ID)
			must(t, err)
			return got
		}
		document := []byte(`{"blocks":[{"url":"media:` + m.ID + `"}]}`)
		f, err := db.SaveDraft(w.ctx, w.bot.ID, "Shop", document, noon)
		must(t, err)
		if got := uses(); len(got) != 0 {
			t.Errorf("a draft uses it: %v", got)
		}
		_, err = db.Publish(w.ctx, engine.FlowVersion{BotID: w.bot.ID, FlowID: f.ID, Document: document, CreatedAt: noon}, 0, nil, nil)
		must(t, err)
		same(t, "uses", uses(), []engine.MediaUse{{Kind: "flow", ID: f.ID, Name: "Shop"}})
		_, err = db.Publish(w.ctx, engine.FlowVersion{BotID: w.bot.ID, FlowID: f.ID, Document: []byte(`{}`), CreatedAt: noon}, 1, nil, nil)
		must(t, err)
		if got := uses(); len(got) != 0 {
			t.Errorf("an older version uses it: %v", got)
		}
		b := engine.Broadcast{ID: w.id(), BotID: w.bot.ID, State: engine.BroadcastScheduled, Version: 1, DueAt: noon.Add(time.Hour), CreatedAt: noon, UpdatedAt: noon,
			Plan: engine.Plan{Subject: "Sale", Content: engine.Content{Messages: []byte(`[{"type":"image","url":"` + media.Path(&m) + `"}]`)}}}
		must(t, db.CreateBroadcast(w.ctx, &b))
		same(t, "uses", uses(), []engine.MediaUse{{Kind: "broadcast", ID: b.ID, Name: "Sale"}})
	})
}

func TestMediaAttachments(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		at := func(now time.Time) string {
			t.Helper()
			id, known, err := db.MediaAttachment(w.ctx, w.account.ID, "m", "image", now)
			must(t, err)
			if known != (id != "") {
				t.Errorf("%q is known: %v", id, known)
			}
			return id
		}
		for _, id := range []string{"1", "2"} {
			must(t, db.KeepMediaAttachment(w.ctx, w.account.ID, "m", "image", id, noon))
			if got := at(noon.Add(-time.Second)); got != id {
				t.Errorf("it is %q, want %q", got, id)
			}
		}
		if got := at(noon); got != "" {
			t.Errorf("past its time it is %q", got)
		}
		must(t, db.DropMediaAttachment(w.ctx, w.account.ID, "m", "image", "1"))
		if got := at(noon.Add(-time.Second)); got != "2" {
			t.Errorf("the wrong one was dropped: %q", got)
		}
		must(t, db.DropMediaAttachment(w.ctx, w.account.ID, "m", "image", "2"))
		if got := at(noon.Add(-time.Second)); got != "" {
			t.Errorf("dropped it is %q", got)
		}
	})
}
