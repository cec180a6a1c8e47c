-- +goose Up
-- What people settle is found without reading a bot's whole ledger.
CREATE INDEX deliveries_unknown ON deliveries (bot_id, id) WHERE status = 'unknown';
CREATE INDEX list_people_contact ON list_people (contact_id);
