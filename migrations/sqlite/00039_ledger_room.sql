-- +goose Up
-- SQLite writes a row where it is: there is no room to be left for it.
SELECT 1;
