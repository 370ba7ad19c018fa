-- When a row got its place in the chain; for people, not part of what is hashed.
alter table journal add column sealed_at timestamptz;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger journal_sealed before update or delete on journal
  for each row when (old.seq is not null) execute function refuse_change();

-- What evidence was derived from, by its SHA-256: the text exactly as it was hashed (UTF-8).
create table evidence_file (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  content text not null,
  bytes int not null,
  created_at timestamptz not null default now()
);
create trigger evidence_file_kept before update or delete or truncate on evidence_file
  for each statement execute function refuse_change();

-- The index of the evidence journal: everything here stands in the sealed body too.
create table evidence (
  -- Of the row in the journal `evidence`.
  id bigint primary key,
  rubric_id text not null,
  edition text not null,
  item text not null,
  from_time timestamptz not null,
  to_time timestamptz not null,
  as_of timestamptz not null,
  demo boolean not null,
  stored_by text not null,
  stored_at timestamptz not null default now(),
  check (from_time < to_time)
);
create index evidence_item on evidence (rubric_id, item, id);
create trigger evidence_kept before update or delete or truncate on evidence
  for each statement execute function refuse_change();

create table evidence_input (
  evidence_id bigint not null references evidence (id),
  name text not null,
  sha256 text not null references evidence_file (sha256),
  primary key (evidence_id, name)
);
create trigger evidence_input_kept before update or delete or truncate on evidence_input
  for each statement execute function refuse_change();

-- How often the public board answered with data of a medium, by minute: at most three rows a minute.
create table board_serving (
  minute timestamptz not null,
  medium text not null check (medium in ('air', 'water-quality', 'noise')),
  servings int not null,
  -- Source time of the newest reading that was shown.
  newest_time timestamptz not null,
  primary key (minute, medium)
);

-- Devices that a person left out of a measure; never by themselves.
create table exclusion (
  id bigint generated always as identity primary key,
  measure text not null,
  device_id text not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null default 'infinity',
  reason_zh text not null,
  reason_en text not null,
  actor text not null,
  created_at timestamptz not null default now(),
  check (valid_from < valid_to)
);
create index exclusion_device on exclusion (measure, device_id);
