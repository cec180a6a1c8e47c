-- +goose Up
CREATE TABLE bots (
  id             text PRIMARY KEY,
  name           text NOT NULL,
  name_key       text NOT NULL UNIQUE,
  time_zone      text NOT NULL DEFAULT '',
  default_region text NOT NULL DEFAULT '',
  settings       text NOT NULL DEFAULT '{}',
  revision       integer NOT NULL DEFAULT 0, -- of what the bot has published
  created_at     datetime NOT NULL
);

-- What flows read as bot.x: one row a name, so that writes are deltas.
CREATE TABLE bot_values (
  bot_id text NOT NULL REFERENCES bots (id),
  name   text NOT NULL,
  value  text NOT NULL,
  PRIMARY KEY (bot_id, name)
) WITHOUT ROWID;
