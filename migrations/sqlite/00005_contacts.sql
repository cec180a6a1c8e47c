-- +goose Up
-- No foreign keys from here on where rows come by the thousand.
CREATE TABLE contacts (
  id             integer PRIMARY KEY AUTOINCREMENT,
  bot_id         text NOT NULL,
  first_name     text NOT NULL DEFAULT '',
  last_name      text NOT NULL DEFAULT '',
  name           text NOT NULL DEFAULT '',
  first_name_key text NOT NULL DEFAULT '', -- folded in Go, as every *_key
  last_name_key  text NOT NULL DEFAULT '',
  name_key       text NOT NULL DEFAULT '',
  gender         text NOT NULL DEFAULT '',
  birthday       text NOT NULL DEFAULT '',
  locale         text NOT NULL DEFAULT '',
  language       text NOT NULL DEFAULT '',
  time_zone      text NOT NULL DEFAULT '',
  profile_pic    text NOT NULL DEFAULT '',
  email          text NOT NULL DEFAULT '',
  email_key      text NOT NULL DEFAULT '',
  external_id    text NOT NULL DEFAULT '',
  attributes     text NOT NULL DEFAULT '{}', -- written as deltas only
  do_not_contact boolean NOT NULL DEFAULT false,
  merged_into    integer NOT NULL DEFAULT 0,
  last_seen_at   datetime,
  created_at     datetime NOT NULL
);

CREATE INDEX contacts_bot ON contacts (bot_id, id DESC);
CREATE INDEX contacts_external ON contacts (bot_id, external_id) WHERE external_id <> '';

-- One writer at a time. Narrow on purpose: on wide rows a lease costs ten times as much.
CREATE TABLE contact_leases (
  contact_id integer PRIMARY KEY,
  owner      text NOT NULL, -- '' when nobody holds it
  epoch      integer NOT NULL,
  until      datetime NOT NULL
);
