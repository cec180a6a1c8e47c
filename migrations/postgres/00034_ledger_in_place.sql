-- +goose Up
-- A row of the ledger stays on its page (HOT) until it closes only while no
-- index names a column that changes before, in its keys or in its predicate:
-- these two named the status, and every step of every row was written to all
-- indexes. A run's rows are counted by deliveries_run.
DROP INDEX deliveries_of_run;
DROP INDEX deliveries_unknown;
ALTER TABLE deliveries ADD COLUMN is_unknown boolean NOT NULL GENERATED ALWAYS AS (status = 'unknown') STORED;
CREATE INDEX deliveries_unknown ON deliveries (bot_id, id) WHERE is_unknown;
ALTER TABLE deliveries SET (fillfactor = 50);
