package store

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"github.com/blockcast/blockcast/engine"
)

// Cipher encrypts what must not be read in the database. The additional data
// names the table, column and row, so that a value is good in its own place
// only.
type Cipher interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// ErrKey means that the configured key cannot open what the database holds.
var ErrKey = errors.New("the secret key is not the one this database was written with")

// How sealed values are written: which form, then the bytes.
const (
	sealedForm = "s1:" // by the cipher, base64
	plainForm  = "p1:" // without a cipher
)

// place is the additional data of a value.
func place(table, column string, row ...string) []byte {
	return []byte(strings.Join(append([]string{table, column}, row...), "/"))
}

func (d *DB) seal(plain []byte, aad []byte) (string, error) {
	if d.cipher == nil {
		return plainForm + string(plain), nil
	}
	sealed, err := d.cipher.Seal(plain, aad)
	if err != nil {
		return "", fmt.Errorf("encrypt %s: %w", aad, err)
	}
	return sealedForm + base64.StdEncoding.EncodeToString(sealed), nil
}

func (d *DB) unseal(kept string, aad []byte) ([]byte, error) {
	if plain, ok := strings.CutPrefix(kept, plainForm); ok && d.cipher == nil {
		return []byte(plain), nil
	}
	text, ok := strings.CutPrefix(kept, sealedForm)
	if !ok || d.cipher == nil {
		return nil, fmt.Errorf("decrypt %s: %w", aad, ErrKey)
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("decrypt %s: %w", aad, err)
	}
	plain, err := d.cipher.Open(sealed, aad)
	if err != nil {
		return nil, fmt.Errorf("decrypt %s: %w", aad, errors.Join(ErrKey, err))
	}
	return plain, nil
}

type secretRow struct {
	BotID     string `gorm:"primaryKey"`
	Name      string `gorm:"primaryKey"`
	Value     string
	UpdatedAt time.Time
}

func (secretRow) TableName() string { return "secrets" }

// SetSecret keeps a bot's secret, which only a request step reads; "" removes
// it.
func (d *DB) SetSecret(ctx context.Context, botID, name, value string) error {
	if name == "" {
		return invalid("name", "a secret needs a name")
	}
	if _, err := d.Bot(ctx, botID); err != nil {
		return err
	}
	defer d.secrets.forget(botID)
	if value == "" {
		done := d.nouns(ctx).Where("bot_id = ? AND name = ?", botID, name).Delete(&secretRow{})
		if done.Error != nil {
			return fmt.Errorf("remove secret: %w", done.Error)
		}
		if done.RowsAffected == 0 {
			return unknown("secret", name)
		}
		return nil
	}
	sealed, err := d.seal([]byte(value), place("secrets", "value", botID, name))
	if err != nil {
		return err
	}
	row := secretRow{botID, name, sealed, kept(time.Time{}, d.now())}
	err = d.nouns(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "bot_id"}, {Name: "name"}},
		DoUpdates: clause.AssignmentColumns([]string{"value", "updated_at"}),
	}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("set secret: %w", err)
	}
	return nil
}

// Secret returns one secret of a bot.
func (d *DB) Secret(ctx context.Context, botID, name string) (string, error) {
	all, err := d.secretsOf(ctx, botID)
	if err != nil {
		return "", err
	}
	v, ok := all[name]
	if !ok {
		return "", unknown("secret", name)
	}
	return v, nil
}

// Secrets returns the look-up of a bot's secrets that a turn starts with. They
// are read at the first look; what cannot be read is missing, and logged.
func (d *DB) Secrets(ctx context.Context, botID string) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		all, err := d.secretsOf(ctx, botID)
		if err != nil {
			d.log.Error("secrets unreadable", "bot_id", botID, "error", err)
			return "", false
		}
		v, ok := all[name]
		return v, ok
	}
}

func (d *DB) secretsOf(ctx context.Context, botID string) (map[string]string, error) {
	return cached(ctx, d.secrets, botID, func() (map[string]string, error) {
		var rows []secretRow
		if err := d.look(ctx).Where("bot_id = ?", botID).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("read secrets: %w", err)
		}
		out := make(map[string]string, len(rows))
		for _, r := range rows {
			plain, err := d.unseal(r.Value, place("secrets", "value", r.BotID, r.Name))
			if err != nil {
				return nil, err
			}
			out[r.Name] = string(plain)
		}
		return out, nil
	})
}

// ListSecrets returns a bot's secrets by name, without their values.
func (d *DB) ListSecrets(ctx context.Context, botID string) ([]engine.Secret, error) {
	var rows []secretRow
	if err := d.look(ctx).Select("name", "updated_at").Where("bot_id = ?", botID).Order("name").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list secrets: %w", err)
	}
	out := make([]engine.Secret, len(rows))
	for i, r := range rows {
		out[i] = engine.Secret{Name: r.Name, UpdatedAt: r.UpdatedAt.UTC()}
	}
	return out, nil
}

// canary is kept under the first key and must open ever after.
const canary = "canary"

// CheckKey makes sure that the key is the one the database was written with,
// ErrKey when it is not. The first call on a new database writes the canary.
func (d *DB) CheckKey(ctx context.Context) error {
	sealed, err := d.seal([]byte(canary), place("meta", "value", canary))
	if err != nil {
		return err
	}
	value := ""
	s := new(script)
	s.exec(`INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`, canary, sealed)
	s.query(`SELECT value FROM meta WHERE name = ?`, canary).one(&value)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("check key: %w", err)
	}
	plain, err := d.unseal(value, place("meta", "value", canary))
	if err == nil && string(plain) != canary {
		err = ErrKey
	}
	return err
}

// Reseal encrypts everything again with the cipher's first key and returns how
// many values it wrote: after it the older keys may be dropped. What somebody
// changes meanwhile is left as they wrote it: their process has the new key in
// front already.
func (d *DB) Reseal(ctx context.Context) (int, error) {
	n := 0
	again := func(value string, aad []byte) (string, error) {
		plain, err := d.unseal(value, aad)
		if err != nil {
			return "", err
		}
		n++
		return d.seal(plain, aad)
	}
	if err := d.resealAnswers(ctx, again); err != nil { // first and apart: there may be many
		return 0, fmt.Errorf("encrypt again: %w", err)
	}
	err := d.Tx(ctx, func(ctx context.Context) error {
		if err := d.resealSecrets(ctx, again); err != nil {
			return err
		}
		if err := d.resealAccounts(ctx, again); err != nil {
			return err
		}
		if err := d.resealWebhooks(ctx, again); err != nil {
			return err
		}
		sealed, err := d.seal([]byte(canary), place("meta", "value", canary))
		if err != nil {
			return err
		}
		s := new(script)
		s.exec(`UPDATE meta SET value = ? WHERE name = ?`, sealed, canary)
		return d.write(ctx, s)
	})
	if err != nil {
		return 0, fmt.Errorf("encrypt again: %w", err)
	}
	return n, nil
}

func (d *DB) resealSecrets(ctx context.Context, again func(string, []byte) (string, error)) error {
	var rows []secretRow
	if err := d.nouns(ctx).Find(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		value, err := again(r.Value, place("secrets", "value", r.BotID, r.Name))
		if err != nil {
			return err
		}
		if err := d.nouns(ctx).Model(&secretRow{}).Where("bot_id = ? AND name = ? AND value = ?", r.BotID, r.Name, r.Value).Update("value", value).Error; err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) resealAccounts(ctx context.Context, again func(string, []byte) (string, error)) error {
	var rows []accountRow
	if err := d.nouns(ctx).Where("secrets <> ''").Find(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		value, err := again(r.Secrets, accountPlace(r.ID))
		if err != nil {
			return err
		}
		if err := d.nouns(ctx).Model(&accountRow{}).Where("id = ? AND secrets = ?", r.ID, r.Secrets).Update("secrets", value).Error; err != nil {
			return err
		}
	}
	return nil
}
