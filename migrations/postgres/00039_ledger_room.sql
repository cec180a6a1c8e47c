-- +goose Up
-- Room for the versions a row has while it is sent also where a page cannot be
-- cleaned meanwhile, because others read: at 40 every other row of a broadcast
-- left its page with its last one, which writes all indexes again.
ALTER TABLE deliveries SET (fillfactor = 30);
