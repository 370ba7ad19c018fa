-- What operators and the system do with an alarm besides acknowledging it; each is a row of its journal.
alter table alarm_transition drop constraint alarm_transition_kind_check;
alter table alarm_transition add constraint alarm_transition_kind_check check (kind in (
  'raised', 'acknowledged', 'commented', 'cleared', 'assigned', 'shelved', 'unshelved', 'out-of-service', 'in-service',
  'suppressed', 'unsuppressed'));

-- Suppressed by design: another active alarm tells of the cause. Such an alarm stays in the list of its own.
alter table alarm add column assignee text;
alter table alarm add column suppressed_at timestamptz;
alter table alarm add column suppressed_reason text;
alter table alarm add check ((suppressed_at is null) = (suppressed_reason is null));

-- Shelved and out of service: of a rule at a point, so that it holds for later occurrences too.
create table alarm_hold (
  rule_id text not null,
  point_id int not null,
  kind text not null check (kind in ('shelved', 'out-of-service')),
  -- The occurrence it was asked for.
  alarm_id bigint not null references alarm (id),
  -- Ends when that occurrence clears.
  one_shot boolean not null,
  since timestamptz not null,
  -- Null only out of service, which lasts until somebody ends it.
  until timestamptz,
  actor text not null,
  reason text not null,
  primary key (rule_id, point_id, kind),
  check ((kind = 'shelved') = (until is not null))
);
create index alarm_hold_until on alarm_hold (until) where until is not null;
