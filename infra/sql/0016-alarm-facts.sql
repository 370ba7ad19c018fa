-- Who sits where: what an alarm system asks of people is counted per operator position. What belongs to none belongs to
-- `main`, which needs no row.
create table operator_position (
  id text primary key,
  -- The first that fits takes an alarm.
  place int not null,
  name text not null,
  name_en text,
  -- Of spaces and all below them, of device classes; empty: of any.
  spaces text[] not null default '{}',
  device_classes text[] not null default '{}'
);
alter table alarm add column position text not null default 'main';

-- Facts of alarms by local day and operator position: questions about years read days, not alarms.
create table alarm_day (
  day date not null,
  position text not null,
  -- Announced, by severity: critical, high, medium, low.
  announced int[] not null,
  -- Raised while shelved, suppressed or out of service: recorded only.
  recorded int not null,
  -- Announced in each ten minutes since midnight.
  buckets int[] not null,
  -- How long it took, of those acknowledged and cleared on this day: classes of width 10^0.1 from 1 s on.
  acknowledged_after int[] not null,
  acknowledged_after_s float8 not null,
  cleared_after int[] not null,
  cleared_after_s float8 not null,
  -- Active for more than a day when the day ended.
  standing int not null,
  shelved_s float8 not null,
  suppressed_s float8 not null,
  out_of_service_s float8 not null,
  folded_at timestamptz not null,
  primary key (day, position)
);

-- What was raised how often on a day, whoever heard of it; `chattered`: raised for the third time in a minute, or more.
create table alarm_source_day (
  day date not null,
  position text not null,
  rule_id text not null,
  point_id int not null,
  raised int not null,
  chattered int not null,
  primary key (day, position, rule_id, point_id)
);

-- Every transition of transactions before this one is in the facts.
create table alarm_fold (
  one boolean primary key default true check (one),
  cursor xid8 not null
);
insert into alarm_fold (cursor) values ('0');

create index alarm_transition_time on alarm_transition (time);
create index alarm_stood on alarm (cleared_at) where cleared_at - raised_at > interval '24 hours';

-- Floods: more alarms in ten minutes than a position can take in. The digest stands when it is over.
create table alarm_flood (
  id bigint generated always as identity primary key,
  position text not null,
  began_at timestamptz not null,
  ended_at timestamptz,
  announced int not null,
  -- Most in ten minutes.
  peak int not null,
  -- schemas/api/alarm-figures.ts: by cause, most first.
  causes jsonb not null
);
create unique index alarm_flood_running on alarm_flood (position) where ended_at is null;
