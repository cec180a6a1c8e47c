-- +goose Up
-- Lists that show the newest first are walked backwards as quickly. Written
-- downwards each new row came before all of its bot's, where a page that is full
-- is split in halves: the index was twice as large, and a sixth of the time in
-- which an audience is written down went into it.
DROP INDEX contacts_bot;
DROP INDEX deliveries_bot;
CREATE INDEX contacts_bot ON contacts (bot_id, id);
CREATE INDEX deliveries_bot ON deliveries (bot_id, id);
