-- +goose Up
CREATE TABLE identities (
  id                 integer PRIMARY KEY AUTOINCREMENT,
  account_id         text NOT NULL,
  external_id        text NOT NULL,
  kind               text NOT NULL DEFAULT 'person', -- or group
  contact_id         integer NOT NULL DEFAULT 0,
  subscribed_at      datetime,
  unsubscribed_at    datetime,
  blocked_at         datetime,
  last_inbound_at    datetime,
  conversation       text NOT NULL DEFAULT '', -- agent: a person leads it
  conversation_until datetime,
  conversation_note  text NOT NULL DEFAULT '',
  profile            text NOT NULL DEFAULT '{}', -- as the platform last told it
  profile_at         datetime,
  created_at         datetime NOT NULL,
  UNIQUE (account_id, external_id)
);

CREATE INDEX identities_contact ON identities (contact_id);
CREATE INDEX identities_handover ON identities (conversation_until) WHERE conversation_until IS NOT NULL;
