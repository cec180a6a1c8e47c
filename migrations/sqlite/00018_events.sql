-- +goose Up
-- What happened in runs, for the author and the person who looks.
CREATE TABLE events (
  id             integer PRIMARY KEY AUTOINCREMENT,
  bot_id         text NOT NULL,
  contact_id     integer NOT NULL,
  identity_id    integer NOT NULL,
  interaction_id integer NOT NULL DEFAULT 0,
  delivery_id    integer NOT NULL DEFAULT 0,
  at             datetime NOT NULL,
  level          text NOT NULL,
  code           text NOT NULL,
  text           text NOT NULL DEFAULT '',
  block          text NOT NULL DEFAULT '',
  extra          text NOT NULL DEFAULT 'null'
);

CREATE INDEX events_contact ON events (contact_id, id DESC);

CREATE TABLE audit_log (
  id      integer PRIMARY KEY AUTOINCREMENT,
  bot_id  text NOT NULL DEFAULT '',
  at      datetime NOT NULL,
  actor   text NOT NULL,
  action  text NOT NULL,
  subject text NOT NULL DEFAULT '',
  detail  text NOT NULL DEFAULT 'null'
);

CREATE INDEX audit_log_bot ON audit_log (bot_id, id DESC);
