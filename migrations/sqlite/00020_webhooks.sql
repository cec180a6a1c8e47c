-- +goose Up
-- Addresses of bots' owners that are told what happens.
CREATE TABLE webhooks (
  id            text PRIMARY KEY,
  bot_id        text NOT NULL REFERENCES bots (id),
  url           text NOT NULL,
  description   text NOT NULL DEFAULT '',
  state         text NOT NULL,
  reason        text NOT NULL DEFAULT '',
  failures      integer NOT NULL DEFAULT 0, -- in a row
  failing_since datetime,
  secret        text NOT NULL, -- encrypted
  old_secret    text NOT NULL DEFAULT '', -- encrypted; signs too until old_until
  old_until     datetime,
  created_at    datetime NOT NULL
);

CREATE INDEX webhooks_bot ON webhooks (bot_id, id);

CREATE TABLE webhook_topics (
  webhook_id text NOT NULL REFERENCES webhooks (id),
  topic      text NOT NULL,
  PRIMARY KEY (webhook_id, topic)
);

-- One notice to one webhook.
CREATE TABLE webhook_postings (
  id         integer PRIMARY KEY AUTOINCREMENT,
  webhook_id text NOT NULL,
  bot_id     text NOT NULL,
  message_id text NOT NULL, -- what the receiver knows it by
  topic      text NOT NULL,
  contact_id integer NOT NULL DEFAULT 0, -- whom it tells about
  body       text NOT NULL,
  status     text NOT NULL,
  attempts   integer NOT NULL DEFAULT 0, -- since it was queued last
  attempt_id text NOT NULL DEFAULT '',
  next_at    datetime NOT NULL, -- when it is due; while it is being posted, when it is given up for lost
  code       integer NOT NULL DEFAULT 0, -- of the last attempt, as all that follow
  answer     text NOT NULL DEFAULT '',
  took_ms    integer NOT NULL DEFAULT 0,
  error      text NOT NULL DEFAULT '',
  created_at datetime NOT NULL,
  closed_at  datetime
);

CREATE UNIQUE INDEX webhook_postings_message ON webhook_postings (webhook_id, message_id);
CREATE INDEX webhook_postings_list ON webhook_postings (webhook_id, id DESC);
CREATE INDEX webhook_postings_due ON webhook_postings (webhook_id, next_at) WHERE closed_at IS NULL;
CREATE INDEX webhook_postings_contact ON webhook_postings (contact_id) WHERE contact_id <> 0;
