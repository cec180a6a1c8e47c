-- +goose Up
-- A row of a run stays on its page (HOT) to its end: closed_at stood in the
-- predicates of what is open, so that every row that ended was written to all
-- indexes once more. Rows of runs are found by their run's ranges instead, and
-- only those that a range has passed over and left open are looked for apart.
ALTER TABLE deliveries ADD COLUMN passed_over boolean NOT NULL DEFAULT false;

CREATE INDEX run_ranges_last ON run_ranges (run_id, last_id);

-- The call that is under way, or that was taken by the platform, is told by the
-- row itself; attempts has the others.
ALTER TABLE deliveries ADD COLUMN called_at timestamptz; -- NULL: no such call

DROP INDEX deliveries_open_identity;
DROP INDEX deliveries_open_account;
DROP INDEX deliveries_open_run;
UPDATE deliveries SET passed_over = true WHERE run_id <> '' AND closed_at IS NULL;
UPDATE attempts SET ended_at = at, outcome = 'lost' WHERE ended_at IS NULL;
ALTER TABLE deliveries ADD COLUMN waiting boolean NOT NULL GENERATED ALWAYS AS (closed_at IS NULL AND (run_id = '' OR passed_over)) STORED;
CREATE INDEX deliveries_waiting_identity ON deliveries (identity_id, id) WHERE waiting;
CREATE INDEX deliveries_waiting_account ON deliveries (account_id, id) WHERE waiting AND run_id = '';

-- Whether a person is being sent something for a run is asked for each message
-- to them, and where a run's rows are for each batch. Each index serves one of
-- the two alone, also by its predicate: a planner that knows nothing of rows that
-- have just come takes the wrong one as gladly and walks the whole of it.
DROP INDEX deliveries_run;
CREATE UNIQUE INDEX deliveries_run ON deliveries (identity_id, run_id) WHERE seq = 0 AND run_id <> '';
CREATE INDEX deliveries_of_run ON deliveries (run_id, id) WHERE run_id > '';
CREATE INDEX deliveries_waiting_run ON deliveries (run_id, id) WHERE waiting AND run_id <> '';
ALTER TABLE deliveries SET (fillfactor = 40);
