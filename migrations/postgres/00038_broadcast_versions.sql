-- +goose Up
-- What a broadcast was to do, version by version. Of those that are there
-- already only the newest is known; when it was written only where it is the
-- first, and by whom not at all.
CREATE TABLE broadcast_versions (
  broadcast_id text NOT NULL,
  version      bigint NOT NULL,
  bot_id       text NOT NULL,
  plan         text NOT NULL,
  made_by      text NOT NULL DEFAULT '', -- a token's name, '' when it is not known
  made_at      timestamptz, -- NULL: not known
  replaced_at  timestamptz, -- by the next; NULL: it is the newest
  PRIMARY KEY (broadcast_id, version)
);

CREATE INDEX broadcast_versions_replaced ON broadcast_versions (replaced_at) WHERE replaced_at IS NOT NULL;

INSERT INTO broadcast_versions (broadcast_id, version, bot_id, plan, made_at)
SELECT id, version, bot_id, plan, CASE WHEN version = 1 THEN created_at END FROM broadcasts;
