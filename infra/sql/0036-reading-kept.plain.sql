-- Readings that their device class keeps longer than the horizon. Native range partitions by UTC month, made by the job
-- that keeps them; no default partition.
create table reading_kept (
  time timestamptz not null,
  value float8 not null,
  point_id int not null,
  quality smallint not null check (quality between 0 and 2),
  primary key (point_id, time)
) partition by range (time);
