-- The assessment of each night, one a rubric and local day: for the trend, and for telling what changed between two days.
-- The totals and scores of a night stand in one row of the evidence journal, too, which is sealed.
create table assessment_snapshot (
  rubric_id text not null,
  -- The last complete local day of the period.
  day date not null,
  edition text not null,
  -- Of the rubric as it was scored by.
  rubric_sha256 text not null check (rubric_sha256 ~ '^[0-9a-f]{64}$'),
  from_time timestamptz not null,
  to_time timestamptz not null,
  as_of timestamptz not null,
  time_zone text not null,
  determined_min float8 not null,
  determined_max float8 not null,
  undetermined float8 not null,
  maximum float8 not null,
  demo boolean not null,
  -- Its row in the journal `evidence`.
  journal_id bigint not null,
  primary key (rubric_id, day)
);

create table assessment_snapshot_item (
  rubric_id text not null,
  day date not null,
  item text not null,
  -- Score and measurement, as evidence holds them.
  score jsonb not null,
  measurement jsonb not null,
  measure text not null,
  measure_version int not null,
  -- Of the whole facts; what is kept of them lacks the instants that stand in the snapshot.
  facts_sha256 text not null check (facts_sha256 ~ '^[0-9a-f]{64}$'),
  kept_sha256 text not null check (kept_sha256 ~ '^[0-9a-f]{64}$'),
  primary key (rubric_id, day, item),
  foreign key (rubric_id, day) references assessment_snapshot (rubric_id, day)
);
create index assessment_snapshot_item_kept on assessment_snapshot_item (kept_sha256);

-- Facts by the hash of what is kept of them, gzip; books that did not change from night to night are kept once.
-- Dropped after some hundred days: then the scores of that night still stand, but not what they came from.
create table assessment_snapshot_facts (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  content bytea not null,
  last_day date not null
);
create index assessment_snapshot_facts_day on assessment_snapshot_facts (last_day);
