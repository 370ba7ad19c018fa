-- Alarm rules carry valid time: an edit closes a version and opens the next, with its author and reason.
create table alarm_rule (
  id text not null,
  version int not null,
  valid_from timestamptz not null default now(),
  valid_to timestamptz not null default 'infinity',
  author text not null,
  reason text not null,
  -- schemas/alarm.ts, the rule's body without its id.
  definition jsonb not null,
  primary key (id, version),
  check (valid_from <= valid_to)
);
create unique index alarm_rule_current on alarm_rule (id) where valid_to = 'infinity';

-- One occurrence: raised once, cleared once. `onset` is the source time at which the condition began to hold;
-- with rule, version and point it names the occurrence, so that judging the same readings again changes nothing.
create table alarm (
  id bigint generated always as identity primary key,
  rule_id text not null,
  rule_version int not null,
  point_id int not null,
  onset timestamptz not null,
  severity text not null check (severity in ('critical', 'high', 'medium', 'low')),
  value float8 not null,
  limit_value float8 not null,
  reason text not null,
  raised_at timestamptz not null,
  cleared_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text,
  comment text,
  unique (rule_id, rule_version, point_id, onset),
  foreign key (rule_id, rule_version) references alarm_rule (id, version),
  check ((acknowledged_at is null) = (acknowledged_by is null) and (acknowledged_at is null) = (comment is null)),
  check (cleared_at >= raised_at)
);
create index alarm_active on alarm (rule_id, point_id) where cleared_at is null;
create index alarm_open on alarm (raised_at, id) where cleared_at is null or acknowledged_at is null;
create index alarm_raised on alarm (raised_at, id);
create index alarm_point on alarm (point_id, raised_at);

-- Append-only. The sealed journal `alarms` holds the same rows as hashed text, written in the same transaction.
create table alarm_transition (
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  alarm_id bigint not null references alarm (id),
  kind text not null check (kind in ('raised', 'acknowledged', 'commented', 'cleared')),
  -- Tells comments apart: SHA-256 of actor and text; empty for what happens once.
  key text not null default '',
  time timestamptz not null,
  actor text not null,
  reason text not null,
  value float8,
  active boolean not null,
  acknowledged boolean not null,
  unique (alarm_id, kind, key)
);
create index alarm_transition_xid on alarm_transition (xid, id);

-- Where the judging of one rule at one point stands: phase, timers, and the source time it has handled. Written in
-- the transaction of its transitions, and every two seconds where only time went on.
create table alarm_state (
  rule_id text not null,
  point_id int not null,
  rule_version int not null,
  handled_to timestamptz,
  state jsonb not null,
  primary key (rule_id, point_id)
) with (fillfactor = 70);
