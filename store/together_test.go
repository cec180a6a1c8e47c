package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/blockcast/blockcast/store"
)

// What many write at once is written whole, and what one of them is refused, or
// writes wrongly, is that one's alone.
func TestWhatIsWrittenTogether(t *testing.T) {
	refusal := errors.New("refused")
	each(t, func(t *testing.T, db *store.DB) {
		const writers = 60
		var wg sync.WaitGroup
		errs := make([]error, writers)
		for i := range writers {
			wg.Go(func() {
				name := fmt.Sprint("n", i)
				switch i % 3 {
				case 0:
					errs[i] = store.WriteTogether(t.Context(), db, `SELECT 1`, nil, `INSERT INTO locks (name, owner, until) VALUES (?, 'a', ?)`, name, noon)
				case 1:
					errs[i] = store.WriteTogether(t.Context(), db, `SELECT 1 WHERE 1 = 2`, refusal, `INSERT INTO locks (name, owner, until) VALUES (?, 'b', ?)`, name, noon)
				case 2:
					errs[i] = store.WriteTogether(t.Context(), db, `SELECT 1`, nil, `INSERT INTO locks (name, owner, until) VALUES (?, 'c', ?), (?, 'c', ?)`, name, noon, name, noon)
				}
			})
		}
		wg.Wait()
		for i, err := range errs {
			switch i % 3 {
			case 0:
				must(t, err)
			case 1:
				if !errors.Is(err, refusal) {
					t.Errorf("writer %d got %v, want its own refusal", i, err)
				}
			case 2:
				if err == nil || errors.Is(err, refusal) {
					t.Errorf("writer %d, whose row breaks a rule, got %v", i, err)
				}
			}
		}
		same(t, "rows", store.CountRows(t, db)["locks"], writers/3)
	})
}
