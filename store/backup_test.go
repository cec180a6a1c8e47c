package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// A copy taken while others write is whole, and what was written before stands
// in it.
func TestABackupIsTakenWhileOthersWrite(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	db := openAt(t, path)
	must(t, db.Migrate(t.Context()))
	w := newWorld(t, db)
	before := w.queued(w.person("U-before"))
	stop, begun := make(chan struct{}), make(chan struct{})
	var writers sync.WaitGroup
	writers.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := db.SeeProcess(w.ctx, seen(fmt.Sprint(n))); err != nil {
				t.Error(err)
				return
			}
			if n == 3 {
				close(begun)
			}
		}
	})
	<-begun
	to := filepath.Join(t.TempDir(), "copy.db")
	must(t, store.Backup(t.Context(), path, to))
	close(stop)
	writers.Wait()

	info, err := os.Stat(to)
	must(t, err)
	same(t, "mode", info.Mode().Perm(), fs.FileMode(0o600))
	if left, _ := filepath.Glob(to + ".*"); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	restored := openAt(t, to)
	must(t, restored.CheckSchema(t.Context()))
	row, err := restored.Delivery(t.Context(), w.bot.ID, before)
	must(t, err)
	same(t, "contact", row.ContactID, w.delivery(before).ContactID)
}

func TestABackupWritesOverNothing(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	db := openAt(t, path)
	must(t, db.Migrate(t.Context()))
	to := filepath.Join(t.TempDir(), "copy.db")
	must(t, os.WriteFile(to, []byte("mine"), 0o600))
	if err := store.Backup(t.Context(), path, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v, want ErrExist", err)
	}
	if err := store.Backup(t.Context(), filepath.Join(t.TempDir(), "none.db"), to+"2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want ErrNotExist", err)
	}
}

func TestADamagedCopyIsSaid(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	db := openAt(t, path)
	must(t, db.Migrate(t.Context()))
	w := newWorld(t, db)
	for n := range 50 {
		w.queued(w.person(fmt.Sprint("U", n)))
	}
	to := filepath.Join(t.TempDir(), "copy.db")
	must(t, store.Backup(t.Context(), path, to))
	must(t, store.CheckCopy(t.Context(), to))
	data, err := os.ReadFile(to)
	must(t, err)
	for i := range data[8192 : len(data)-4096] {
		data[8192+i] ^= 0x5a
	}
	must(t, os.WriteFile(to, data, 0o600))
	if err := store.CheckCopy(t.Context(), to); !errors.Is(err, store.ErrBroken) {
		t.Errorf("a damaged copy: %v", err)
	}
	must(t, os.WriteFile(to, nil, 0o600))
	if err := store.CheckCopy(t.Context(), to); !errors.Is(err, store.ErrBroken) {
		t.Errorf("an empty file: %v", err)
	}
}

func openAt(t *testing.T, path string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{URL: path, Now: noonClock, NewID: func() string { return "" }})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}
