-- +goose Up
CREATE TABLE accounts (
  id          text PRIMARY KEY,
  bot_id      text NOT NULL REFERENCES bots (id),
  channel     text NOT NULL,
  external_id text NOT NULL,
  name        text NOT NULL DEFAULT '',
  fingerprint text NOT NULL DEFAULT '',
  secrets     text NOT NULL DEFAULT '', -- encrypted
  settings    text NOT NULL DEFAULT '{}',
  state       text NOT NULL,
  reason      text NOT NULL DEFAULT '',
  created_at  timestamptz NOT NULL,
  UNIQUE (channel, external_id)
);

CREATE INDEX accounts_bot ON accounts (bot_id);

-- The other ids a platform or a caller knows an account by.
CREATE TABLE account_aliases (
  channel    text NOT NULL,
  alias      text NOT NULL,
  account_id text NOT NULL REFERENCES accounts (id),
  PRIMARY KEY (channel, alias)
);
