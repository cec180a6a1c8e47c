-- +goose Up
-- Taps of a broadcast are counted by their run and by where the button stood:
-- message, card and button, as 0.1.2. One that is counted without a person has
-- no delivery.
ALTER TABLE taps ADD COLUMN run_id text NOT NULL DEFAULT '';
ALTER TABLE taps ADD COLUMN place text NOT NULL DEFAULT '';
ALTER TABLE taps ADD COLUMN title text NOT NULL DEFAULT '';
CREATE INDEX taps_run ON taps (run_id) WHERE run_id <> '';

-- What follows a delivery.
CREATE INDEX deliveries_origin ON deliveries (origin_id) WHERE origin_id > 0;

-- The last count of a run, for runs that take long to count.
CREATE TABLE run_figures (
  run_id     text PRIMARY KEY,
  figures    text NOT NULL,
  counted_at datetime NOT NULL
);
