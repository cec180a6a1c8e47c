-- +goose Up
CREATE TABLE contact_phones (
  contact_id integer NOT NULL,
  phone      text NOT NULL, -- E.164
  bot_id     text NOT NULL,
  raw        text NOT NULL DEFAULT '',
  source     text NOT NULL, -- platform, import, api, typed
  added_at   datetime NOT NULL,
  PRIMARY KEY (contact_id, phone)
) WITHOUT ROWID;

CREATE INDEX contact_phones_phone ON contact_phones (bot_id, phone);
