-- +goose Up
CREATE TABLE secrets (
  bot_id     text NOT NULL REFERENCES bots (id),
  name       text NOT NULL,
  value      text NOT NULL, -- encrypted
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (bot_id, name)
);

-- Who runs a ticker now.
CREATE TABLE locks (
  name  text PRIMARY KEY,
  owner text NOT NULL,
  until timestamptz NOT NULL
);

-- The instance's own notes: the key's canary, how far retention has come.
CREATE TABLE meta (
  name  text PRIMARY KEY,
  value text NOT NULL
);
