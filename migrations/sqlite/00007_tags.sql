-- +goose Up
CREATE TABLE tags (
  id         integer PRIMARY KEY AUTOINCREMENT,
  bot_id     text NOT NULL,
  name       text NOT NULL,
  name_key   text NOT NULL,
  contacts   integer NOT NULL DEFAULT 0, -- how many have it
  created_at datetime NOT NULL,
  UNIQUE (bot_id, name_key)
);

CREATE TABLE contact_tags (
  contact_id integer NOT NULL,
  tag_id     integer NOT NULL,
  tagged_at  datetime NOT NULL,
  PRIMARY KEY (contact_id, tag_id)
) WITHOUT ROWID;

CREATE INDEX contact_tags_tag ON contact_tags (tag_id, contact_id);
