-- +goose Up
-- What was written for broadcasts alone: documents that no list shows.
CREATE TABLE writings (
  id         text PRIMARY KEY, -- of its only module
  bot_id     text NOT NULL,
  document   text NOT NULL,
  ids        text NOT NULL, -- what the names in it meant
  created_at timestamptz NOT NULL
);

-- Of what repeats: the time on the clock that due_at stands for, and how often
-- it was sent.
ALTER TABLE broadcasts ADD COLUMN due_for text NOT NULL DEFAULT '';
ALTER TABLE broadcasts ADD COLUMN rounds bigint NOT NULL DEFAULT 0;

-- A run that is only checked: everything is made and nothing goes out.
ALTER TABLE broadcast_runs ADD COLUMN checking text NOT NULL DEFAULT ''; -- ask, or start when it comes out as it was
ALTER TABLE broadcast_runs ADD COLUMN prepared_to bigint NOT NULL DEFAULT 0; -- the last delivery that is made
ALTER TABLE broadcast_runs ADD COLUMN findings text NOT NULL DEFAULT '{}';
ALTER TABLE broadcast_runs ADD COLUMN expected bigint NOT NULL DEFAULT 0; -- people whoever started it thought of
ALTER TABLE broadcast_runs ADD COLUMN renewed_to bigint NOT NULL DEFAULT 0; -- the last delivery whose name was looked after

-- A way of writing to people that an account may not use until a person has
-- looked at why.
CREATE TABLE route_locks (
  id          text PRIMARY KEY,
  bot_id      text NOT NULL,
  account_id  text NOT NULL,
  intent      text NOT NULL,
  reason      text NOT NULL,
  hits        text NOT NULL DEFAULT '[]',
  run_id      text NOT NULL DEFAULT '',
  locked_at   timestamptz NOT NULL,
  unlocked_at timestamptz,
  unlocked_by text NOT NULL DEFAULT '',
  note        text NOT NULL DEFAULT ''
);

CREATE UNIQUE INDEX route_locks_shut ON route_locks (account_id, intent) WHERE unlocked_at IS NULL;
CREATE INDEX route_locks_bot ON route_locks (bot_id, locked_at DESC, id);
