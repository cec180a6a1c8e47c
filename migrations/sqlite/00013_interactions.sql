-- +goose Up
CREATE TABLE interactions (
  id            integer PRIMARY KEY AUTOINCREMENT,
  bot_id        text NOT NULL,
  account_id    text NOT NULL,
  identity_id   integer NOT NULL,
  contact_id    integer NOT NULL,
  kind          text NOT NULL,
  occurred_at   datetime NOT NULL,
  received_at   datetime NOT NULL,
  event_key     text NOT NULL,
  standby       boolean NOT NULL DEFAULT false,
  payload       text NOT NULL, -- JSON
  reply_token   text NOT NULL DEFAULT '',
  reply_used_by integer NOT NULL DEFAULT 0, -- a delivery
  attempt       integer NOT NULL DEFAULT 0,
  started_at    datetime,
  answered_at   datetime,
  outcome       text NOT NULL DEFAULT '',
  error         text NOT NULL DEFAULT ''
);

CREATE INDEX interactions_open ON interactions (contact_id, id) WHERE answered_at IS NULL;
CREATE INDEX interactions_contact ON interactions (contact_id, id DESC);

-- What makes a redelivery known, kept for eight days.
CREATE TABLE event_keys (
  account_id text NOT NULL,
  event_key  text NOT NULL,
  at         datetime NOT NULL,
  PRIMARY KEY (account_id, event_key)
) WITHOUT ROWID;

CREATE INDEX event_keys_at ON event_keys (at);

-- Events that no row could be made of, with the reason.
CREATE TABLE poison (
  id         integer PRIMARY KEY AUTOINCREMENT,
  account_id text NOT NULL,
  event_key  text NOT NULL,
  arrival    text NOT NULL, -- quoted, whatever bytes it had
  error      text NOT NULL,
  at         datetime NOT NULL
);
