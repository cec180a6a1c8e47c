-- +goose Up
CREATE TABLE segments (
  id         text PRIMARY KEY,
  bot_id     text NOT NULL,
  name       text NOT NULL,
  name_key   text NOT NULL,
  audience   text NOT NULL,
  created_at datetime NOT NULL,
  updated_at datetime NOT NULL,
  UNIQUE (bot_id, name_key)
);

-- People that were named one by one: by ids, by phones, by a file.
CREATE TABLE lists (
  id         text PRIMARY KEY,
  bot_id     text NOT NULL,
  name       text NOT NULL DEFAULT '',
  rows       integer NOT NULL DEFAULT 0, -- that were given
  people     integer NOT NULL DEFAULT 0, -- that they mean
  refused    text NOT NULL DEFAULT '[]',
  created_at datetime NOT NULL
);

CREATE TABLE list_people (
  list_id    text NOT NULL,
  contact_id integer NOT NULL,
  PRIMARY KEY (list_id, contact_id)
);

CREATE TABLE broadcasts (
  id         text PRIMARY KEY,
  bot_id     text NOT NULL,
  state      text NOT NULL,
  reason     text NOT NULL DEFAULT '',
  version    integer NOT NULL DEFAULT 1,
  plan       text NOT NULL,
  due_at     datetime, -- of the next run
  created_at datetime NOT NULL,
  updated_at datetime NOT NULL
);

CREATE INDEX broadcasts_bot ON broadcasts (bot_id, created_at DESC, id);
CREATE INDEX broadcasts_due ON broadcasts (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE broadcast_runs (
  id           text PRIMARY KEY,
  number       integer NOT NULL UNIQUE, -- by which bells name it
  bot_id       text NOT NULL,
  broadcast_id text NOT NULL,
  n            integer NOT NULL,
  version      integer NOT NULL,
  plan         text NOT NULL, -- as it was when the run began
  state        text NOT NULL,
  reason       text NOT NULL DEFAULT '',
  prepared_id  text NOT NULL DEFAULT '',
  due_at       datetime,
  frozen_to    integer NOT NULL DEFAULT 0, -- the last contact that was asked
  frozen_at    datetime,
  started_at   datetime,
  closed_at    datetime,
  lease_until  datetime,
  created_at   datetime NOT NULL,
  UNIQUE (broadcast_id, n)
);

CREATE INDEX broadcast_runs_open ON broadcast_runs (number) WHERE closed_at IS NULL;

-- What one worker at a time goes through of a run, in batches.
CREATE TABLE run_ranges (
  id          integer PRIMARY KEY AUTOINCREMENT,
  run_id      text NOT NULL,
  round       integer NOT NULL DEFAULT 0,
  next_id     integer NOT NULL, -- the first delivery not yet looked at
  last_id     integer NOT NULL,
  lease_until datetime,
  done_at     datetime
);

CREATE INDEX run_ranges_open ON run_ranges (run_id, id) WHERE done_at IS NULL;

-- What follows from a broadcast's delivery once the platform has taken it.
ALTER TABLE deliveries ADD COLUMN effects text NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN variant text NOT NULL DEFAULT '';

-- Rows of a run are found by their run; the others by their account.
DROP INDEX deliveries_open_account;
CREATE INDEX deliveries_open_account ON deliveries (account_id, id) WHERE closed_at IS NULL AND run_id = '';
CREATE INDEX deliveries_open_run ON deliveries (run_id, id) WHERE closed_at IS NULL AND run_id <> '';
CREATE INDEX deliveries_of_run ON deliveries (run_id, status) WHERE run_id <> '';
