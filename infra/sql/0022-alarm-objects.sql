-- What an alarm is about need not be a point: a device (events, combinations), or an alarm that a device reports
-- itself. `object` names it: `device.metric`, `device`, or `device#key`.
alter table alarm add column object text;
alter table alarm add column device_id text;
update alarm a set object = p.device_id || '.' || p.metric, device_id = p.device_id
from point p where p.point_id = a.point_id;
alter table alarm alter column object set not null;
alter table alarm alter column device_id set not null;
alter table alarm alter column point_id drop not null;
alter table alarm drop constraint alarm_rule_id_rule_version_point_id_onset_key;
alter table alarm add constraint alarm_occurrence unique (rule_id, rule_version, object, onset);
drop index alarm_active;
create index alarm_active on alarm (rule_id, object) where cleared_at is null;
create index alarm_device on alarm (device_id, raised_at);
-- Why, as data (schemas/alarm-facts.ts); null for alarms of before it was kept.
alter table alarm add column facts jsonb;
alter table alarm_transition add column facts jsonb;

alter table alarm_state add column object text;
update alarm_state s set object = p.device_id || '.' || p.metric from point p where p.point_id = s.point_id;
alter table alarm_state drop constraint alarm_state_pkey;
alter table alarm_state alter column object set not null;
alter table alarm_state add primary key (rule_id, object);
alter table alarm_state drop column point_id;
-- What it was judged by where that is not the rule's version alone (overrides), as text; null: the version's.
alter table alarm_state add column judged text;

alter table alarm_hold add column object text;
update alarm_hold h set object = p.device_id || '.' || p.metric from point p where p.point_id = h.point_id;
alter table alarm_hold drop constraint alarm_hold_pkey;
alter table alarm_hold alter column object set not null;
alter table alarm_hold add primary key (rule_id, object, kind);
alter table alarm_hold drop column point_id;

-- Where one device differs from a rule that watches it; valid time as rules have it. Mode `inherit` ends it.
create table alarm_rule_override (
  rule_id text not null,
  device_id text not null,
  version int not null,
  valid_from timestamptz not null default now(),
  valid_to timestamptz not null default 'infinity',
  author text not null,
  reason text not null,
  -- schemas/alarm.ts; null: as the rule says.
  definition jsonb,
  primary key (rule_id, device_id, version),
  check (valid_from <= valid_to)
);
create unique index alarm_rule_override_current on alarm_rule_override (rule_id, device_id) where valid_to = 'infinity';
create index alarm_rule_override_device on alarm_rule_override (device_id) where valid_to = 'infinity';

-- Days on which the park does not follow the weekday: holidays, and weekends that are worked.
create table calendar_day (
  day date primary key,
  kind text not null check (kind in ('workday', 'restday')),
  name text not null
);

-- How far the events are judged: every event of a transaction below it, and none twice by the state of its watch.
create table alarm_cursor (
  name text primary key,
  xid xid8 not null
);
-- Transactions of events, so that none is missed that commits late; null before this was kept.
alter table event add column xid xid8;
alter table event alter column xid set default pg_current_xact_id();
create index event_xid on event (xid, event_id) where xid is not null;

-- What late or old data would have raised, and did not: noted, newest kept.
create table alarm_not_raised (
  id bigint generated always as identity primary key,
  rule_id text not null,
  object text not null,
  -- `late`: older than the newest of its point; `history`: older than what is judged as of now.
  kind text not null check (kind in ('late', 'history')),
  time timestamptz not null,
  value float8,
  noted_at timestamptz not null default now(),
  unique (rule_id, object, kind, time)
);

-- Acknowledgements of alarms that a device reports, on their way back to it.
create table alarm_acknowledgement (
  id bigint generated always as identity primary key,
  alarm_id bigint not null references alarm (id),
  device_id text not null,
  key text not null,
  actor text not null,
  comment text not null,
  at timestamptz not null,
  passed_at timestamptz
);
create index alarm_acknowledgement_waiting on alarm_acknowledgement (id) where passed_at is null;
create index alarm_object on alarm (rule_id, object, onset);

alter table alarm_held add column object text;
update alarm_held h set object = p.device_id || '.' || p.metric from point p where p.point_id = h.point_id;
alter table alarm_held alter column object set not null;
alter table alarm_held drop column point_id;

alter table alarm_source_day add column object text;
update alarm_source_day s set object = p.device_id || '.' || p.metric from point p where p.point_id = s.point_id;
alter table alarm_source_day drop constraint alarm_source_day_pkey;
alter table alarm_source_day alter column object set not null;
alter table alarm_source_day add primary key (day, position, rule_id, object);
alter table alarm_source_day drop column point_id;
