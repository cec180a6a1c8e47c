package media

import (
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels/messenger"
)

var _ messenger.Attachments = (*Keeper)(nil)

func TestAttachmentsAreOfOurFilesAlone(t *testing.T) {
	t.Parallel()
	k, s := keeper(t)
	now := noon
	k.Now = func() time.Time { return now }
	ours := "https://bots.example/media/" + strings.Repeat("a", 32)
	for _, other := range []string{"https://shop.example/a.png", "https://bots.example/media/x/a.png", ours + "/preview.jpg", ""} {
		if _, fixed := k.Attachment(t.Context(), "a1", other, "image"); fixed {
			t.Errorf("%s is taken for a file of ours", other)
		}
	}
	ours += "/a.png"
	expect := func(account, id string, fixed bool) {
		t.Helper()
		if got, is := k.Attachment(t.Context(), account, ours, "image"); got != id || is != fixed {
			t.Errorf("%s has %q, fixed %v; want %q, %v", account, got, is, id, fixed)
		}
	}
	expect("a1", "", true)
	k.KeepAttachment(t.Context(), "a1", ours, "image", "77", time.Hour)
	s.asked = 0
	for range 5 {
		expect("a1", "77", true)
	}
	if s.asked != 0 {
		t.Errorf("the store was asked %d times for what is known", s.asked)
	}
	expect("a2", "", true)
	now = now.Add(2 * attachedAge)
	expect("a1", "77", true)
	k.DropAttachment(t.Context(), "a1", ours, "image", "77")
	expect("a1", "", true)
	k.KeepAttachment(t.Context(), "a1", ours, "image", "", time.Hour) // Meta did not take it
	expect("a1", "", false)
	now = now.Add(2 * attachedAge)
	expect("a1", "", false)
}
