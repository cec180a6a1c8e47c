-- +goose Up
CREATE TABLE sends (
  id         text PRIMARY KEY,
  bot_id     text NOT NULL,
  source     text NOT NULL,
  token_name text NOT NULL DEFAULT '',
  request    text NOT NULL DEFAULT '',
  created_at datetime NOT NULL,
  expires_at datetime
);

CREATE INDEX sends_created ON sends (created_at);

CREATE TABLE idempotency_keys (
  token_hash text NOT NULL,
  key        text NOT NULL,
  body_hash  text NOT NULL,
  send_id    text NOT NULL,
  status     text NOT NULL, -- what the first caller was answered
  reason     text NOT NULL DEFAULT '',
  expires_at datetime NOT NULL,
  PRIMARY KEY (token_hash, key)
) WITHOUT ROWID;

CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);
