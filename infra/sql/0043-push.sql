-- Browsers that a person wants to be told in, though no console is open there (Web Push). One address, one browser.
create table notify_push (
  id bigint generated always as identity primary key,
  username text not null references park_user (username) on delete cascade,
  endpoint text not null unique,
  -- Of the browser: its public key and a shared secret, base64url (RFC 8291).
  p256dh text not null,
  auth text not null,
  -- Which browser, in its own words.
  label text not null,
  created_at timestamptz not null
);
create index notify_push_person on notify_push (username, id);

insert into notify_setting (kind, id, definition) values
  ('channel', 'push', '{"name": "浏览器推送 Browser push", "enabled": true, "language": "zh-CN", "perMinute": 600,
     "config": {"kind": "push"}}')
on conflict do nothing;
