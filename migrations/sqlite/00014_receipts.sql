-- +goose Up
-- Platforms' words about our messages, until they are applied.
CREATE TABLE receipts (
  id           integer PRIMARY KEY AUTOINCREMENT,
  account_id   text NOT NULL,
  kind         text NOT NULL,
  recipient    text NOT NULL DEFAULT '',
  message_id   text NOT NULL DEFAULT '',
  metadata     text NOT NULL DEFAULT '',
  watermark    datetime,
  foreign_echo boolean NOT NULL DEFAULT false,
  at           datetime NOT NULL,
  received_at  datetime NOT NULL,
  class        text NOT NULL DEFAULT '',
  code         text NOT NULL DEFAULT '',
  error        text NOT NULL DEFAULT ''
);
