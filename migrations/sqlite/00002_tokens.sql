-- +goose Up
CREATE TABLE tokens (
  hash         text PRIMARY KEY, -- SHA-256 of the secret
  bot_id       text NOT NULL DEFAULT '', -- '' for the instance's
  name         text NOT NULL,
  scopes       text NOT NULL DEFAULT '[]',
  created_at   datetime NOT NULL,
  last_used_at datetime,
  revoked_at   datetime,
  valid_until  datetime
);

-- A revoked token's name is free again.
CREATE UNIQUE INDEX tokens_name ON tokens (bot_id, name) WHERE revoked_at IS NULL;
