-- Of counters, the samples that consumption on 15-minute boundaries needs, for all time before `raw_kept.since`.
create table register_knot (
  time timestamptz not null,
  value float8 not null,
  -- How much of the time since the knot before it readings covered.
  covered_us bigint not null,
  point_id int not null,
  quality smallint not null,
  primary key (point_id, time)
);
