-- +goose Up
CREATE TABLE contact_phones (
  contact_id bigint NOT NULL,
  phone      text COLLATE "C" NOT NULL, -- E.164
  bot_id     text NOT NULL,
  raw        text NOT NULL DEFAULT '',
  source     text NOT NULL, -- platform, import, api, typed
  added_at   timestamptz NOT NULL,
  PRIMARY KEY (contact_id, phone)
);

CREATE INDEX contact_phones_phone ON contact_phones (bot_id, phone);
