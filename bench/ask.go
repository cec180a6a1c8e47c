package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/token"
	"github.com/blockcast/blockcast/store"
)

// caller makes a token for calls of a scope, and returns its secret.
func (w *world) caller(ctx context.Context, db *store.DB, scope string) (string, error) {
	secret := token.NewSecret()
	return secret, db.CreateToken(ctx, engine.Token{Hash: token.Hash(secret), BotID: w.bot.ID, Name: scope, Scopes: []string{scope}, CreatedAt: now()})
}

// ask posts a question, nil for none, to one of the bot's addresses and reads
// the answer.
func (w *world) ask(ctx context.Context, address, path, secret string, question []byte, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/v1/bots/"+w.bot.ID+path, bytes.NewReader(question))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	if question != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{Timeout: answerTime}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("answered %d: %s", resp.StatusCode, text[:min(len(text), keptAnswer)])
	}
	return json.Unmarshal(text, answer)
}
