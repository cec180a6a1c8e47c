-- +goose Up
-- The exact bytes of what is said, once for all who are told it.
CREATE TABLE renders (
  id         text PRIMARY KEY,
  bot_id     text NOT NULL,
  account_id text NOT NULL,
  messages   text NOT NULL,
  payloads   text NOT NULL,
  buttons    text NOT NULL,
  used_on    datetime NOT NULL -- the day, so that a busy render is written once a day
);

CREATE INDEX renders_used ON renders (used_on);

-- One multicast call: written before it, never changed.
CREATE TABLE send_groups (
  id         text PRIMARY KEY,
  account_id text NOT NULL,
  render_id  text NOT NULL,
  generation integer NOT NULL DEFAULT 0,
  to_ids     text NOT NULL,
  created_at datetime NOT NULL
);
