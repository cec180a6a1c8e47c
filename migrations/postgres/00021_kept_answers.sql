-- +goose Up
-- What calls with an Idempotency-Key were answered. Sends keep theirs in
-- idempotency_keys, which travel with the rows they make.
CREATE TABLE kept_answers (
  token_hash   text NOT NULL,
  key          text NOT NULL,
  request_hash text NOT NULL,
  owner        text NOT NULL, -- of the call under way
  status       bigint NOT NULL DEFAULT 0, -- of the answer, 0 while the call is under way
  body         text NOT NULL DEFAULT '', -- sealed: an answer may hold a new token
  lease_until  timestamptz NOT NULL, -- when a call under way has broken off
  expires_at   timestamptz NOT NULL,
  PRIMARY KEY (token_hash, key)
);

CREATE INDEX kept_answers_expires ON kept_answers (expires_at);
