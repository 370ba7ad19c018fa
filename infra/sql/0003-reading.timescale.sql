create table reading (
  time timestamptz not null,
  value float8 not null,
  point_id int not null,
  quality smallint not null check (quality between 0 and 2),
  primary key (point_id, time)
);
-- The primary key is the only index: create_hypertable must not add its own on time.
select create_hypertable('reading', by_range('time', interval '1 day'), create_default_indexes => false);
