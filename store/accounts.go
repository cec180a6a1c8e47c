package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"gorm.io/gorm/clause"

	"github.com/blockcast/blockcast/engine"
)

type accountRow struct {
	ID          string `gorm:"primaryKey"`
	BotID       string
	Channel     string
	ExternalID  string
	Name        string
	Fingerprint string
	Secrets     string
	Settings    map[string]string `gorm:"serializer:json"`
	State       string
	Reason      string
	CreatedAt   time.Time
}

func (accountRow) TableName() string { return "accounts" }

type accountAliasRow struct {
	Channel   string `gorm:"primaryKey"`
	Alias     string `gorm:"primaryKey"`
	AccountID string
}

func (accountAliasRow) TableName() string { return "account_aliases" }

func accountPlace(id string) []byte { return place("accounts", "secrets", id) }

func (d *DB) accountRow(a engine.Account) (accountRow, error) {
	row := accountRow{ID: a.ID, BotID: a.BotID, Channel: a.Channel, ExternalID: a.ExternalID, Name: a.Name, Fingerprint: a.Fingerprint,
		Settings: withWarning(a.Settings, a.Warning), State: string(a.State), Reason: a.Reason, CreatedAt: kept(a.CreatedAt, d.now())}
	if len(a.Secrets) == 0 {
		return row, nil
	}
	plain, err := json.Marshal(a.Secrets)
	if err != nil {
		return row, fmt.Errorf("secrets of account %s: %w", a.ID, err)
	}
	row.Secrets, err = d.seal(plain, accountPlace(a.ID))
	return row, err
}

func (d *DB) account(r accountRow) (engine.Account, error) {
	a := engine.Account{ID: r.ID, BotID: r.BotID, Channel: r.Channel, ExternalID: r.ExternalID, Name: r.Name, Fingerprint: r.Fingerprint,
		Secrets: map[string]string{}, Settings: withWarning(r.Settings, engine.AccountWarning{}), State: engine.AccountState(r.State), Reason: r.Reason,
		Warning: warningIn(r.Settings), CreatedAt: r.CreatedAt.UTC()}
	if r.Secrets == "" {
		return a, nil
	}
	plain, err := d.unseal(r.Secrets, accountPlace(r.ID))
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(plain, &a.Secrets); err != nil {
		return a, fmt.Errorf("secrets of account %s: %w", r.ID, err)
	}
	return a, nil
}

// CreateAccount connects an account under its own id and its aliases.
func (d *DB) CreateAccount(ctx context.Context, a engine.Account, aliases []string) error {
	row, err := d.accountRow(a)
	if err != nil {
		return err
	}
	err = d.Tx(ctx, func(ctx context.Context) error {
		if err := d.nouns(ctx).Create(&row).Error; err != nil {
			return err
		}
		rows := make([]accountAliasRow, 0, len(aliases))
		for _, alias := range aliases {
			if alias != "" && alias != a.ExternalID {
				rows = append(rows, accountAliasRow{a.Channel, alias, a.ID})
			}
		}
		if len(rows) == 0 {
			return nil
		}
		return d.nouns(ctx).Create(&rows).Error
	})
	d.accounts.forget(a.ID)
	if isDuplicate(err) {
		return taken("account", a.Channel+" account", a.ExternalID)
	}
	if err != nil {
		return fmt.Errorf("create account: %w", err)
	}
	return nil
}

// UpdateAccount writes name, secrets, settings, state and reason.
func (d *DB) UpdateAccount(ctx context.Context, a engine.Account) error {
	row, err := d.accountRow(a)
	if err != nil {
		return err
	}
	done := d.nouns(ctx).Where("id = ? AND bot_id = ?", a.ID, a.BotID).Select("name", "secrets", "settings", "state", "reason", "fingerprint").Updates(&row)
	d.accounts.forget(a.ID)
	if done.Error != nil {
		return fmt.Errorf("update account: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return unknown("account", a.ID)
	}
	return nil
}

// Account returns an account; it may be up to a second old.
func (d *DB) Account(ctx context.Context, id string) (*engine.Account, error) {
	a, err := cached(ctx, d.accounts, id, func() (engine.Account, error) {
		var row accountRow
		err := d.look(ctx).Where("id = ?", id).Take(&row).Error
		if isMissing(err) {
			return engine.Account{}, unknown("account", id)
		}
		if err != nil {
			return engine.Account{}, fmt.Errorf("read account: %w", err)
		}
		return d.account(row)
	})
	if err != nil {
		return nil, err
	}
	a.Secrets, a.Settings = maps.Clone(a.Secrets), maps.Clone(a.Settings)
	return &a, nil
}

// Accounts returns a bot's accounts, oldest first.
func (d *DB) Accounts(ctx context.Context, botID string) ([]engine.Account, error) {
	var rows []accountRow
	if err := d.look(ctx).Where("bot_id = ?", botID).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	out := make([]engine.Account, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = d.account(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AccountByAlias finds an account by the platform's id or another id it is
// known by; nil when unknown.
func (d *DB) AccountByAlias(ctx context.Context, channel, alias string) (*engine.Account, error) {
	id := ""
	s := new(script)
	s.query(`SELECT id FROM accounts WHERE channel = ? AND external_id = ?
		UNION ALL SELECT account_id FROM account_aliases WHERE channel = ? AND alias = ?`, channel, alias, channel, alias).each(func(r scanner) error {
		var found string
		err := r.Scan(&found)
		if id == "" {
			id = found
		}
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("find account: %w", err)
	}
	if id == "" {
		return nil, nil
	}
	return d.Account(ctx, id)
}

// PauseAccount stops an account's deliveries where they are, with a reason. An
// account that is not active stays as it is.
func (d *DB) PauseAccount(ctx context.Context, botID, accountID, reason string) error {
	var told int64
	err := d.Tx(ctx, func(ctx context.Context) error {
		var row accountRow
		done := d.nouns(ctx).Model(&row).Clauses(clause.Returning{}).
			Where("id = ? AND bot_id = ? AND state = ?", accountID, botID, string(engine.AccountActive)).
			Updates(map[string]any{"state": string(engine.AccountPaused), "reason": reason})
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error
		}
		n, err := engine.AccountNotice(&engine.Account{ID: accountID, Channel: row.Channel, Name: row.Name}, reason)
		if err != nil {
			return err
		}
		s := new(script)
		if err := d.announce(s, &told, announcement{bot: botID, notice: n, at: d.now()}); err != nil {
			return err
		}
		return d.write(ctx, s)
	})
	d.accounts.forget(accountID)
	if err != nil {
		return fmt.Errorf("pause account: %w", err)
	}
	d.noticed(told)
	return nil
}
