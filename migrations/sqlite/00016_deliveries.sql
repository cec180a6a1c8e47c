-- +goose Up
-- The ledger. What is open is told by closed_at alone.
CREATE TABLE deliveries (
  id             integer PRIMARY KEY AUTOINCREMENT,
  bot_id         text NOT NULL,
  account_id     text NOT NULL,
  run_id         text NOT NULL DEFAULT '', -- of a broadcast
  send_id        text NOT NULL DEFAULT '',
  interaction_id integer NOT NULL DEFAULT 0,
  origin_id      integer NOT NULL DEFAULT 0,
  seq            integer NOT NULL DEFAULT 0,
  contact_id     integer NOT NULL,
  identity_id    integer NOT NULL,
  chosen_because text NOT NULL DEFAULT '',
  block_id       text NOT NULL DEFAULT '',
  version_id     integer NOT NULL DEFAULT 0,
  render_id      text NOT NULL DEFAULT '',
  group_id       text NOT NULL DEFAULT '', -- of a multicast
  status         text NOT NULL,
  reason         text NOT NULL DEFAULT '',
  class          text NOT NULL DEFAULT '',
  code           text NOT NULL DEFAULT '',
  error          text NOT NULL DEFAULT '',
  route          text NOT NULL DEFAULT '',
  intent         text NOT NULL DEFAULT '',
  category       text NOT NULL DEFAULT '',
  tag            text NOT NULL DEFAULT '',
  in_window_only boolean NOT NULL DEFAULT false,
  warnings       text NOT NULL DEFAULT '[]',
  attributes     text NOT NULL DEFAULT '{}',
  attempt        integer NOT NULL DEFAULT 0,
  attempt_id     text NOT NULL DEFAULT '',
  generation     integer NOT NULL DEFAULT 0,
  force          boolean NOT NULL DEFAULT false,
  not_before     datetime,
  expires_at     datetime,
  lease_until    datetime,
  messages_sent  integer NOT NULL DEFAULT 0,
  request_id     text NOT NULL DEFAULT '',
  created_at     datetime NOT NULL,
  prepared_at    datetime,
  sent_at        datetime,
  delivered_at   datetime,
  read_at        datetime,
  clicked_at     datetime,
  replied_at     datetime,
  closed_at      datetime
);

CREATE UNIQUE INDEX deliveries_run ON deliveries (run_id, identity_id) WHERE seq = 0 AND run_id <> '';
CREATE INDEX deliveries_send ON deliveries (send_id) WHERE send_id <> '';
CREATE INDEX deliveries_bot ON deliveries (bot_id, id DESC);
CREATE INDEX deliveries_contact ON deliveries (contact_id, id DESC);
CREATE INDEX deliveries_identity ON deliveries (identity_id, id DESC);
-- What is under way: of a person, for their order; of an account, so that the
-- rows of a paused one cost nothing.
CREATE INDEX deliveries_open_identity ON deliveries (identity_id, id) WHERE closed_at IS NULL;
CREATE INDEX deliveries_open_account ON deliveries (account_id, id) WHERE closed_at IS NULL;

-- One row a call to a platform.
CREATE TABLE attempts (
  n           integer PRIMARY KEY AUTOINCREMENT,
  id          text NOT NULL, -- of the claim it was made under
  delivery_id integer NOT NULL,
  at          datetime NOT NULL,
  ended_at    datetime,
  route       text NOT NULL DEFAULT '',
  retry_key   text NOT NULL DEFAULT '',
  outcome     text NOT NULL DEFAULT '',
  code        text NOT NULL DEFAULT '',
  message     text NOT NULL DEFAULT '',
  request_id  text NOT NULL DEFAULT ''
);

CREATE INDEX attempts_delivery ON attempts (delivery_id, n);

-- For platforms whose receipts name a message.
CREATE TABLE delivery_messages (
  account_id  text NOT NULL,
  message_id  text NOT NULL,
  delivery_id integer NOT NULL,
  PRIMARY KEY (account_id, message_id)
) WITHOUT ROWID;

CREATE INDEX delivery_messages_delivery ON delivery_messages (delivery_id);

CREATE TABLE taps (
  id          integer PRIMARY KEY AUTOINCREMENT,
  delivery_id integer NOT NULL,
  render_id   text NOT NULL,
  button      integer NOT NULL,
  at          datetime NOT NULL
);

CREATE INDEX taps_delivery ON taps (delivery_id);
