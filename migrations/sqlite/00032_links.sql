-- +goose Up
-- Where the addresses of ours lead that count taps. A link is the same for all
-- of a run who are told the same; contact_id is who alone was given it, and 0
-- once it is another's too.
CREATE TABLE links (
  id         text PRIMARY KEY,
  bot_id     text NOT NULL,
  run_id     text NOT NULL,
  place      text NOT NULL,
  title      text NOT NULL DEFAULT '',
  target     text NOT NULL,
  contact_id integer NOT NULL DEFAULT 0,
  created_at datetime NOT NULL
);

CREATE INDEX links_run ON links (run_id);
CREATE INDEX links_created ON links (created_at);
CREATE INDEX links_contact ON links (contact_id) WHERE contact_id > 0;
