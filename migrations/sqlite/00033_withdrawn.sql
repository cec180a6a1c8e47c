-- +goose Up
-- Which message of a person brought a file, so that the file goes with the
-- message. One that is withdrawn before its file is here has none yet.
CREATE TABLE media_messages (
  account_id   text NOT NULL,
  message_id   text NOT NULL, -- the platform's
  media_id     text NOT NULL DEFAULT '',
  withdrawn_at datetime,
  PRIMARY KEY (account_id, message_id)
);

CREATE INDEX media_messages_media ON media_messages (media_id);
