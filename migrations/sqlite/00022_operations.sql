-- +goose Up
-- What is stopped by a person: one bot, or with '' the whole instance.
CREATE TABLE pauses (
  bot_id text PRIMARY KEY,
  reason text NOT NULL,
  actor  text NOT NULL DEFAULT '', -- who has stopped it
  at     datetime NOT NULL
);

-- The processes that run, as each says itself every few seconds.
CREATE TABLE processes (
  id         text PRIMARY KEY,
  role       text NOT NULL, -- serve, work …
  version    text NOT NULL DEFAULT '',
  started_at datetime NOT NULL,
  seen_at    datetime NOT NULL,
  apart_us   integer NOT NULL DEFAULT 0 -- the database's clock less its own, microseconds
);
