package media

import (
	"context"
	"strings"
	"sync"
	"time"
)

// attached keeps for a while what is noted of files that platforms keep: a
// broadcast asks for the same one with each message.
type attached struct {
	mu      sync.Mutex
	entries map[attachmentKey]attachmentEntry
}

type attachmentKey struct{ account, media, kind string }

type attachmentEntry struct {
	id    string
	known bool
	until time.Time // when the store is asked again
}

// Limits of what is kept in memory.
const (
	attachedAge  = time.Minute
	attachedMost = 10_000
)

// get returns what is kept, ok false when that is nothing.
func (a *attached) get(k attachmentKey, now time.Time) (attachmentEntry, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, ok := a.entries[k]
	return e, ok && now.Before(e.until)
}

// put keeps what is known; what is not known is asked for each time, since
// another process may make it.
func (a *attached) put(k attachmentKey, e attachmentEntry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.entries) >= attachedMost || a.entries == nil {
		a.entries = map[attachmentKey]attachmentEntry{}
	}
	if !e.known {
		delete(a.entries, k)
		return
	}
	a.entries[k] = e
}

// Attachment returns a platform's own id of the file at one of our addresses;
// see messenger.Attachments. What the store cannot tell goes by the address.
func (k *Keeper) Attachment(ctx context.Context, accountID, url, kind string) (id string, fixed bool) {
	key := attachmentKey{accountID, k.served(url), kind}
	if key.media == "" {
		return "", false
	}
	now := k.Now()
	if e, ok := k.attached.get(key, now); ok {
		return e.id, e.id != ""
	}
	id, known, err := k.Store.MediaAttachment(ctx, key.account, key.media, key.kind, now)
	if err != nil {
		k.Log.Warn("attachment not read", "account_id", accountID, "media_id", key.media, "error", err)
		return "", false
	}
	k.attached.put(key, attachmentEntry{id, known, now.Add(attachedAge)})
	return id, !known || id != ""
}

// KeepAttachment notes a platform's id of a file for a while, "" that it did not
// take it.
func (k *Keeper) KeepAttachment(ctx context.Context, accountID, url, kind, id string, life time.Duration) {
	key := attachmentKey{accountID, k.served(url), kind}
	if key.media == "" {
		return
	}
	now := k.Now()
	if err := k.Store.KeepMediaAttachment(ctx, key.account, key.media, key.kind, id, now.Add(life)); err != nil {
		k.Log.Warn("attachment not kept", "account_id", accountID, "media_id", key.media, "error", err)
	}
	k.attached.put(key, attachmentEntry{id, true, now.Add(min(life, attachedAge))})
}

// DropAttachment forgets an id that the platform refuses.
func (k *Keeper) DropAttachment(ctx context.Context, accountID, url, kind, id string) {
	key := attachmentKey{accountID, k.served(url), kind}
	k.attached.put(key, attachmentEntry{})
	if err := k.Store.DropMediaAttachment(ctx, key.account, key.media, key.kind, id); err != nil {
		k.Log.Warn("attachment not dropped", "account_id", accountID, "media_id", key.media, "error", err)
	}
}

// served is the id of the file at an address, "" when it is none of ours or a
// preview: those are not sent by themselves often enough.
func (k *Keeper) served(url string) string {
	if strings.HasSuffix(url, "/"+PreviewName) {
		return ""
	}
	return k.idIn(url)
}
