package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/blockcast/blockcast/engine"
)

// identityColumns are those of identities i.
const identityColumns = `i.id, i.account_id, i.external_id, i.kind, i.contact_id, i.subscribed_at, i.unsubscribed_at, i.blocked_at, i.last_inbound_at,
	i.conversation, i.conversation_until, i.conversation_note, i.profile_at, i.created_at`

// identityPlaces are where the columns of an identity go, and its kind.
func identityPlaces(i *engine.Identity, kind *string) []any {
	return []any{&i.ID, &i.AccountID, &i.ExternalID, kind, &i.ContactID, moment(&i.SubscribedAt), moment(&i.UnsubscribedAt), moment(&i.BlockedAt), moment(&i.LastInboundAt),
		&i.Conversation, moment(&i.ConversationUntil), &i.ConversationNote, moment(&i.ProfileAt), moment(&i.CreatedAt)}
}

const groupKind = "group"

func scanIdentity(r scanner, i *engine.Identity) error {
	kind := ""
	err := r.Scan(identityPlaces(i, &kind)...)
	i.Group = kind == groupKind
	return err
}

func listIdentities(out *[]engine.Identity) func(scanner) error {
	var row engine.Identity
	kind := ""
	places := repeating(identityPlaces(&row, &kind))
	return func(r scanner) error {
		row = engine.Identity{}
		if err := r.Scan(places...); err != nil {
			return err
		}
		row.Group = kind == groupKind
		*out = append(*out, row)
		return nil
	}
}

// IdentityByExternal finds a person by a platform's id; nil when unknown.
func (d *DB) IdentityByExternal(ctx context.Context, accountID, externalID string) (*engine.Identity, error) {
	return d.identity(ctx, `i.account_id = ? AND i.external_id = ?`, accountID, externalID)
}

// Identity returns one of the bot's identities, nil when unknown.
func (d *DB) Identity(ctx context.Context, botID string, id int64) (*engine.Identity, error) {
	return d.identity(ctx, `i.id = ? AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = i.account_id AND a.bot_id = ?)`, id, botID)
}

func (d *DB) identity(ctx context.Context, where string, args ...any) (*engine.Identity, error) {
	var rows []engine.Identity
	s := new(script)
	s.query(`SELECT `+identityColumns+` FROM identities i WHERE `+where, args...).each(listIdentities(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read identity: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

// identitiesOf joins the batch first: SQLite would else walk all people of the
// bot for those it asks for.
const identitiesOf = `SELECT ` + identityColumns + ` FROM v JOIN identities i ON i.contact_id = v.contact_id JOIN accounts a ON a.id = i.account_id
	WHERE a.bot_id = ? AND a.state <> 'disconnected' ORDER BY i.id`

// IdentitiesOf returns all identities of contacts on accounts that are not
// disconnected.
func (d *DB) IdentitiesOf(ctx context.Context, botID string, contactIDs []int64) ([]engine.Identity, error) {
	if len(contactIDs) == 0 {
		return nil, nil
	}
	in := newInput("contact_id bigint")
	for _, id := range slices.Compact(slices.Sorted(slices.Values(contactIDs))) {
		in.add(id)
	}
	var rows []engine.Identity
	s := new(script)
	s.with(in, identitiesOf, botID).each(listIdentities(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read identities: %w", err)
	}
	return rows, nil
}

// BotOfIdentity returns the id of the bot whose account an identity is on, an
// engine.NotFound for one nobody knows.
func (d *DB) BotOfIdentity(ctx context.Context, identityID int64) (string, error) {
	bot := ""
	s := new(script)
	s.query(`SELECT a.bot_id FROM identities i JOIN accounts a ON a.id = i.account_id WHERE i.id = ?`, identityID).one(&bot)
	if err := d.read(ctx, s); err != nil {
		return "", fmt.Errorf("read bot of identity %d: %w", identityID, err)
	}
	if bot == "" {
		return "", unknown("identity", fmt.Sprint(identityID))
	}
	return bot, nil
}
