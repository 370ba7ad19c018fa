-- Planned work. What is raised meanwhile at what is worked on is recorded as suppressed, not lost.
create table maintenance_window (
  id bigint generated always as identity primary key,
  name text not null,
  -- schemas/maintenance.ts: what is worked on, and when.
  target jsonb not null,
  schedule jsonb not null,
  reason text not null,
  -- Critical alarms are suppressed only where somebody said so.
  with_critical boolean not null,
  created_at timestamptz not null,
  created_by text not null,
  -- No occurrence goes on after this; infinity where it recurs without end.
  ends_at timestamptz not null,
  ended_by text,
  end_reason text,
  check ((ended_by is null) = (end_reason is null))
);
create index maintenance_window_ends on maintenance_window (ends_at);

alter table alarm_transition drop constraint alarm_transition_kind_check;
alter table alarm_transition add constraint alarm_transition_kind_check check (kind in (
  'raised', 'acknowledged', 'commented', 'cleared', 'assigned', 'shelved', 'unshelved', 'out-of-service', 'in-service',
  'suppressed', 'unsuppressed', 'confirmed'));

-- Who suppresses: `maintenance:{id}`, `repeat:{alarm}`; null while an alarm of a device above explains it.
alter table alarm add column suppressed_by text;
alter table alarm add check (suppressed_by is null or suppressed_at is not null);
-- Where the rule asks for it, somebody says that what was to be done was done.
alter table alarm add column confirm_required boolean not null default false;
alter table alarm add column confirmed_at timestamptz;
alter table alarm add column confirmed_by text;
alter table alarm add check ((confirmed_at is null) = (confirmed_by is null));
-- Nobody has to do with it any more; what cleared while it was suppressed asks nobody for anything.
alter table alarm add column settled boolean not null generated always as (
  cleared_at is not null
  and (suppressed_at is not null
       or acknowledged_at is not null and (confirmed_at is not null or not confirm_required))) stored;
drop index alarm_open;
create index alarm_open on alarm (raised_at, id) where not settled;
create index alarm_suppressed on alarm (raised_at, id) where suppressed_at is not null;
create index alarm_suppressed_by on alarm (suppressed_by) where cleared_at is null and suppressed_by is not null;

-- When alarms were kept from the operators, so that every figure can say so: holds that ended, suppression that ended.
-- What lasts stands in alarm_hold and in alarm.suppressed_at.
create table alarm_held (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('shelved', 'out-of-service', 'suppressed')),
  rule_id text not null,
  point_id int not null,
  since timestamptz not null,
  until timestamptz not null,
  -- Who began it; the system suppresses.
  actor text not null,
  reason text not null
);
create index alarm_held_until on alarm_held (until);
