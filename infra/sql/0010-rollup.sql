-- Buckets of 15 minutes whose derived rows are behind their readings, written in the transaction of the readings.
create table dirty_bucket (
  id bigint generated always as identity primary key,
  bucket timestamptz not null,
  -- Null is all points: a bucket that was still running.
  point_ids int[]
);
create index dirty_bucket_time on dirty_bucket (bucket);

-- Buckets of the local day that runs, and of earlier ones until they are packed. `good` is of quality good; bad readings
-- enter only `count` and `quality` (the worst). `sum` adds up `summed` values as the metric's mean is formed: plain,
-- 10^(L/10), or sines with the cosines in `sum_cos`. First and last lie so many microseconds after the bucket's start.
create table rollup_15m (
  bucket timestamptz not null,
  point_id int not null,
  count int not null,
  good int not null,
  summed int not null,
  min float8,
  max float8,
  sum float8,
  sum_cos float8,
  first float8,
  last float8,
  first_us int,
  last_us int,
  quality smallint not null,
  primary key (point_id, bucket)
);
create index rollup_15m_bucket on rollup_15m (bucket);

-- Local days that are over: one row a point, arrays in order of the day's 92 to 100 buckets, null where one is empty.
create table rollup_15m_day (
  day date not null,
  point_id int not null,
  count int[] not null,
  good int[] not null,
  summed int[] not null,
  min float8[] not null,
  max float8[] not null,
  sum float8[] not null,
  -- Null unless the mean is circular.
  sum_cos float8[],
  first float8[] not null,
  last float8[] not null,
  first_us int[] not null,
  last_us int[] not null,
  quality smallint[] not null,
  primary key (point_id, day)
);
create index rollup_15m_day_day on rollup_15m_day (day);

-- Local days that are over, folded from their buckets.
create table rollup_1d (
  day date not null,
  point_id int not null,
  count int not null,
  good int not null,
  summed int not null,
  quality smallint not null,
  min float8,
  max float8,
  sum float8,
  sum_cos float8,
  first float8,
  last float8,
  first_time timestamptz,
  last_time timestamptz,
  primary key (point_id, day)
);

-- What is known of a point's local day for ever: one row where anything was received.
create table point_day (
  day date not null,
  point_id int not null,
  -- How many readings were due, by the expected interval when the day was closed.
  expected int not null,
  received int not null,
  good int not null,
  first_time timestamptz not null,
  last_time timestamptz not null,
  -- The longest time of the day without a reading; its beginning and end count as readings here.
  longest_gap_s float8 not null,
  -- Of the day's rows in order of time, each `<epoch µs> <RFC 8785 number> <quality>` and a line feed; lower hex.
  sha256 text not null,
  primary key (point_id, day)
);
create index point_day_day on point_day (day);

-- Runs of one value of state points, bad readings left out, cut at local midnight.
create table state_span (
  point_id int not null,
  day date not null,
  from_time timestamptz not null,
  -- When another value began; null for the last run of the day.
  to_time timestamptz,
  value float8 not null,
  last_seen timestamptz not null,
  primary key (point_id, from_time)
);
create index state_span_day on state_span (day, point_id);

-- Local days whose facts stand and are sealed in the journal `days`, 24 hours after their end.
create table day_close (
  day date primary key,
  version int not null,
  -- SHA-256 over the lines `pointKey sha256` of point_day, sorted; lower hex.
  root text not null,
  sealed_at timestamptz not null default now(),
  -- Facts changed since; the next version is due.
  changed_at timestamptz
);

-- Raw readings before this are no longer whole; nothing is computed from them again.
create table raw_kept (
  one boolean primary key default true check (one),
  since timestamptz not null
);
