-- +goose Up
-- Rows of a list that mean nobody, with why.
CREATE TABLE list_refusals (
  list_id text NOT NULL,
  line    bigint NOT NULL,
  value   text NOT NULL,
  reason  text NOT NULL,
  PRIMARY KEY (list_id, line)
);

ALTER TABLE lists ADD COLUMN refusals bigint NOT NULL DEFAULT 0;
ALTER TABLE lists ADD COLUMN duplicates bigint NOT NULL DEFAULT 0;
CREATE INDEX lists_bot ON lists (bot_id, created_at DESC, id);
