-- +goose Up
-- Deliveries to an identity are found by its contact: every index of the ledger
-- is written to when a row is made and again when it ends.
DROP INDEX deliveries_identity;
