-- +goose Up
CREATE TABLE flows (
  id         text PRIMARY KEY,
  bot_id     text NOT NULL REFERENCES bots (id),
  name       text NOT NULL,
  name_key   text NOT NULL,
  draft      text NOT NULL DEFAULT '',
  published  integer NOT NULL DEFAULT 0, -- number of the published version
  updated_at datetime NOT NULL,
  UNIQUE (bot_id, name_key)
);

-- Never changed once it is there: sessions are pinned to it.
CREATE TABLE flow_versions (
  id         integer PRIMARY KEY AUTOINCREMENT,
  bot_id     text NOT NULL,
  flow_id    text NOT NULL REFERENCES flows (id),
  number     integer NOT NULL,
  document   text NOT NULL,
  ids        text NOT NULL DEFAULT '{}', -- what the names in it meant when it was published
  checksum   text NOT NULL DEFAULT '',
  author     text NOT NULL DEFAULT '',
  note       text NOT NULL DEFAULT '',
  created_at datetime NOT NULL,
  UNIQUE (flow_id, number)
);
