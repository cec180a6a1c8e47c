-- +goose Up
CREATE TABLE sessions (
  identity_id     integer PRIMARY KEY,
  flow_version_id integer NOT NULL,
  state           text NOT NULL,
  origin          integer NOT NULL DEFAULT 0, -- the delivery whose question it waits on
  waits_for       text NOT NULL DEFAULT '',
  resume_at       datetime,
  updated_at      datetime NOT NULL
);

CREATE INDEX sessions_resume ON sessions (resume_at) WHERE resume_at IS NOT NULL;

CREATE TABLE timers (
  id          integer PRIMARY KEY AUTOINCREMENT,
  identity_id integer NOT NULL,
  key         text NOT NULL,
  block_id    text NOT NULL,
  due_at      datetime NOT NULL,
  definition  text NOT NULL DEFAULT '{}',
  UNIQUE (identity_id, key)
);

CREATE INDEX timers_due ON timers (due_at);
