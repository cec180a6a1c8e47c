-- +goose Up
CREATE TABLE blocks (
  bot_id  text NOT NULL REFERENCES bots (id),
  id      text NOT NULL,
  name    text NOT NULL,
  flow_id text NOT NULL REFERENCES flows (id),
  kind    text NOT NULL, -- block or module
  version integer NOT NULL,
  aliases text NOT NULL DEFAULT '[]',
  needs   text NOT NULL DEFAULT '[]',
  PRIMARY KEY (bot_id, id)
);

-- Names and authored aliases share one space, so that a caller's word means one block.
CREATE TABLE block_names (
  bot_id   text NOT NULL,
  name_key text NOT NULL,
  block_id text NOT NULL,
  flow_id  text NOT NULL,
  PRIMARY KEY (bot_id, name_key)
) WITHOUT ROWID;
