-- Who is told of alarms, and how: channels, teams, rosters, routes, each as schemas/notify.ts has it.
create table notify_setting (
  kind text not null check (kind in ('channel', 'team', 'roster', 'route')),
  id text not null,
  definition jsonb not null,
  -- Of a channel: AES-256-GCM under a key outside the database (infra/secret-box.ts).
  secret bytea,
  primary key (kind, id),
  check (secret is null or kind = 'channel')
);
insert into notify_setting (kind, id, definition) values
  ('channel', 'console', '{"name": "控制台 Console", "enabled": true, "language": "zh-CN", "perMinute": 600,
     "config": {"kind": "console"}}'),
  ('route', 'default', '{"name": "紧急与重要告警 Critical and high", "enabled": true, "position": 100, "isLast": false,
     "match": {"severities": ["critical", "high"], "categories": [], "spaces": [], "deviceClasses": [], "rules": [],
               "windows": []},
     "steps": [{"afterMinutes": 0, "targets": [{"kind": "admins"}], "channels": []}],
     "repeat": null, "breaksQuiet": false, "digestMinutes": null, "endsWhenCleared": true, "tellCleared": false,
     "tellAcknowledged": false}');

-- What people say about being told; who said nothing has the defaults.
create table notify_person (
  username text primary key references park_user (username),
  preferences jsonb not null
);

-- How a channel does: failures in a row, and until when it is left alone.
create table notify_channel_state (
  channel_id text primary key,
  failures int not null,
  open_until timestamptz,
  -- Of the failures in a row.
  failing_since timestamptz,
  last_error text not null,
  last_delivered_at timestamptz
);

-- Every transition of a transaction below `cursor` has been seen; of the others those of notify_seen. Where the
-- transaction ids of a restored database mean nothing, everything up to `floor_id` counts as seen.
create table notify_cursor (
  one boolean primary key default true check (one),
  cursor xid8 not null,
  last_id bigint not null,
  floor_id bigint not null
);
insert into notify_cursor (cursor, last_id, floor_id)
select pg_snapshot_xmin(pg_current_snapshot()), newest, newest
from (select coalesce(max(id), 0) as newest from alarm_transition) seen;
create table notify_seen (
  transition_id bigint primary key,
  xid xid8 not null
);

-- The telling of one alarm along one route: which step comes next, and when.
create table notice (
  id bigint generated always as identity primary key,
  alarm_id bigint not null references alarm (id),
  transition_id bigint not null,
  route_id text not null,
  opened_at timestamptz not null,
  step int not null default 0,
  repeats int not null default 0,
  next_at timestamptz,
  ended_at timestamptz,
  end_reason text,
  unique (transition_id, route_id),
  check ((ended_at is null) = (end_reason is null))
);
create index notice_due on notice (next_at) where ended_at is null and next_at is not null;
create index notice_alarm on notice (alarm_id);

-- One message to one person by one channel, or to a group (no user name).
create table delivery (
  id bigint generated always as identity primary key,
  -- Names what is said to whom by what: planning the same again changes nothing, and receivers know a repetition by it.
  key text not null unique,
  notice_id bigint references notice (id),
  alarm_id bigint references alarm (id),
  channel_id text not null,
  username text,
  kind text not null,
  -- 0 critical to 3 low, -1 a test: what is graver goes first.
  rank smallint not null,
  state text not null default 'waiting' check (state in ('waiting', 'sending', 'delivered', 'dead', 'cancelled')),
  -- Comes together with others.
  digest boolean not null,
  created_at timestamptz not null,
  due_at timestamptz not null,
  -- Given up when it could not be sent for too long since then.
  since timestamptz not null,
  attempts int not null default 0,
  -- Those that go out as one message share it, and keep it when that message is repeated.
  batch text,
  done_at timestamptz,
  last_error text,
  -- Of the console: when the person had it on screen.
  seen_at timestamptz,
  message jsonb not null
);
create index delivery_due on delivery (channel_id, rank, due_at, id) where state = 'waiting';
create index delivery_sending on delivery (id) where state = 'sending';
create index delivery_dead on delivery (id) where state = 'dead';
create index delivery_alarm on delivery (alarm_id);
create index delivery_notice on delivery (notice_id);
create index delivery_inbox on delivery (username, id) where kind <> 'test' and state = 'delivered' and seen_at is null;
create index delivery_done on delivery (done_at) where done_at is not null;

create table delivery_attempt (
  id bigint generated always as identity primary key,
  delivery_id bigint not null references delivery (id) on delete cascade,
  channel_id text not null,
  at timestamptz not null,
  duration_ms int not null,
  outcome text not null check (outcome in ('delivered', 'retry', 'limited', 'refused')),
  code text not null,
  excerpt text not null
);
create index delivery_attempt_delivery on delivery_attempt (delivery_id, id);
create index delivery_attempt_channel on delivery_attempt (channel_id, at);
