-- +goose Up
-- What old systems' callers still send, and what it means here.
CREATE TABLE aliases (
  bot_id     text NOT NULL,
  kind       text NOT NULL, -- bot, account, block, tag, identity, contact
  foreign_id text NOT NULL,
  our_id     text NOT NULL,
  PRIMARY KEY (bot_id, kind, foreign_id)
) WITHOUT ROWID;

-- A foreign bot id is looked up before the bot is known.
CREATE UNIQUE INDEX aliases_bot ON aliases (foreign_id) WHERE kind = 'bot';
