-- +goose Up
-- The exact bytes of what is said, once for all who are told it.
CREATE TABLE renders (
  id         text PRIMARY KEY,
  bot_id     text NOT NULL,
  account_id text NOT NULL,
  messages   text NOT NULL,
  payloads   text NOT NULL,
  buttons    text NOT NULL,
  used_on    timestamptz NOT NULL -- the day, so that a busy render is written once a day
);

CREATE INDEX renders_used ON renders (used_on);

-- One multicast call: written before it, never changed.
CREATE TABLE send_groups (
  id         text PRIMARY KEY,
  account_id text NOT NULL,
  render_id  text NOT NULL,
  generation bigint NOT NULL DEFAULT 0,
  to_ids     text NOT NULL,
  created_at timestamptz NOT NULL
);

-- lz4 takes a third of pglz's time; a server built without it keeps pglz.
-- +goose StatementBegin
DO $$
BEGIN
  ALTER TABLE renders ALTER COLUMN messages SET COMPRESSION lz4;
  ALTER TABLE renders ALTER COLUMN payloads SET COMPRESSION lz4;
  ALTER TABLE renders ALTER COLUMN buttons SET COMPRESSION lz4;
  ALTER TABLE interactions ALTER COLUMN payload SET COMPRESSION lz4;
  ALTER TABLE sends ALTER COLUMN request SET COMPRESSION lz4;
  ALTER TABLE flow_versions ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN
  NULL;
END
$$;
-- +goose StatementEnd
