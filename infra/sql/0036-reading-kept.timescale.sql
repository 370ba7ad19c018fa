-- Readings that their device class keeps longer than the horizon.
create table reading_kept (
  time timestamptz not null,
  value float8 not null,
  point_id int not null,
  quality smallint not null check (quality between 0 and 2),
  primary key (point_id, time)
);
select create_hypertable('reading_kept', by_range('time', interval '7 days'), create_default_indexes => false);
