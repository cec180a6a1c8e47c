-- +goose Up
CREATE TABLE attributes (
  bot_id        text NOT NULL REFERENCES bots (id),
  name          text NOT NULL,
  type          text NOT NULL,
  default_value text NOT NULL DEFAULT 'null',
  declared_by   text NOT NULL,
  PRIMARY KEY (bot_id, name)
);
