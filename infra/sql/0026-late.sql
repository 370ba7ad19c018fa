-- Readings older than the raw horizon, of local days of their point that had received nothing: beside `reading`, whose
-- partitions of those days are gone, until the day is closed like any other.
create table reading_late (
  time timestamptz not null,
  value float8 not null,
  point_id int not null,
  quality smallint not null check (quality between 0 and 2),
  primary key (point_id, time)
);
-- Which days those are; a row goes with its readings, one horizon after the first of them came.
create table late_day (
  point_id int not null,
  day date not null,
  from_time timestamptz not null,
  to_time timestamptz not null,
  first_at timestamptz not null default now(),
  primary key (point_id, day)
);
create index late_day_day on late_day (day);
create index late_day_first on late_day (first_at);

-- Samples of counters older than the horizon, of days that were received: they wait here to be weighed against the knots.
create table late_sample (
  time timestamptz not null,
  value float8 not null,
  point_id int not null,
  quality smallint not null,
  primary key (point_id, time)
);

-- The late book: who sent what beyond the horizon, and what was done with it. One row a flush, source, device and outcome.
create table late_entry (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  source text not null,
  device_id text not null,
  metrics text[] not null,
  from_time timestamptz not null,
  to_time timestamptz not null,
  value_count int not null,
  outcome text not null check (outcome in ('stored', 'register', 'refused'))
);
create index late_entry_device on late_entry (device_id, id);
