package botbonnie

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// fieldUser is the field of an error about a person nobody knows.
const fieldUser = "user"

// recipient is the person of a call: by the platform's own id, which wins, or
// by the vendor's.
func (p *Pushes) recipient(ctx context.Context, bot *engine.Bot, a *engine.Account, given lenient.Params) (outbox.Recipient, error) {
	if raw := given.Text("bot_raw_uid"); raw != "" {
		return outbox.Recipient{AccountID: a.ID, User: raw}, nil
	}
	uid := given.Text("bot_uid")
	if uid == "" {
		return outbox.Recipient{}, invalid("bot_raw_uid", "is missing: the person's id on the platform")
	}
	id, err := p.identity(ctx, bot, uid)
	if err != nil {
		return outbox.Recipient{}, err
	}
	i, err := p.Directory.Identity(ctx, bot.ID, id)
	if err != nil {
		return outbox.Recipient{}, err
	}
	if i == nil || i.AccountID != a.ID {
		return outbox.Recipient{}, unknown(fieldUser, fmt.Sprintf("no user with the bot_uid %q is known on this account", uid))
	}
	return outbox.Recipient{IdentityID: id}, nil
}

// identity is the id behind a bot_uid: an imported one, or ours. 0 is nobody.
func (p *Pushes) identity(ctx context.Context, bot *engine.Bot, uid string) (int64, error) {
	alias, err := p.Directory.Alias(ctx, bot.ID, "identity", uid)
	if err != nil {
		return 0, err
	}
	if alias == "" {
		return readUserID(bot.ID, uid), nil
	}
	id, err := strconv.ParseInt(alias, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the alias of an identity: %w", err)
	}
	return id, nil
}

const checkBytes = 4

// userID is an identity as this product names it in bot_uid: opaque, the same
// for ever, and different for each bot. A mistyped one names nobody.
func userID(botID string, identityID int64) string {
	id := binary.BigEndian.AppendUint64(nil, uint64(identityID))
	return base64.RawURLEncoding.EncodeToString(append(check(botID, id), id...))
}

// readUserID is the identity that UserID named, 0 when it named none.
func readUserID(botID, uid string) int64 {
	data, err := base64.RawURLEncoding.DecodeString(uid)
	if err != nil || len(data) != checkBytes+8 {
		return 0
	}
	id := int64(binary.BigEndian.Uint64(data[checkBytes:]))
	if id <= 0 || userID(botID, id) != uid {
		return 0
	}
	return id
}

func check(botID string, id []byte) []byte {
	sum := sha256.Sum256(append([]byte("bot_uid\n"+botID+"\n"), id...))
	return sum[:checkBytes]
}
