-- +goose Up
-- Files: uploaded ones, and those that people sent. Their bytes are elsewhere.
CREATE TABLE media (
  id          text PRIMARY KEY, -- nobody guesses it
  bot_id      text NOT NULL,
  contact_id  integer NOT NULL DEFAULT 0, -- who sent it; 0: uploaded
  state       text NOT NULL, -- coming kept gone
  state_at    datetime NOT NULL,
  name        text NOT NULL,
  kind        text NOT NULL,
  type        text NOT NULL,
  size        integer NOT NULL,
  hash        text NOT NULL,
  width       integer NOT NULL DEFAULT 0,
  height      integer NOT NULL DEFAULT 0,
  duration_ms integer NOT NULL DEFAULT 0,
  preview     integer NOT NULL DEFAULT 0, -- bytes
  created_at  datetime NOT NULL
);

CREATE INDEX media_bot ON media (bot_id, contact_id, hash);
CREATE INDEX media_list ON media (bot_id, created_at DESC, id DESC);
CREATE INDEX media_person ON media (contact_id, created_at) WHERE contact_id <> 0;
CREATE INDEX media_leaving ON media (state, state_at) WHERE state <> 'kept';

-- Files a platform keeps too, by its own ids, which are of one account.
CREATE TABLE media_attachments (
  account_id    text NOT NULL,
  media_id      text NOT NULL,
  kind          text NOT NULL, -- what it was uploaded as
  attachment_id text NOT NULL,
  until         datetime NOT NULL,
  PRIMARY KEY (account_id, media_id, kind)
);

CREATE INDEX media_attachments_until ON media_attachments (until);
