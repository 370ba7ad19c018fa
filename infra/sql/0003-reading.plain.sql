-- Native range partitions by UTC day; infra/partitions.ts makes them ahead of the readings. No default partition.
create table reading (
  time timestamptz not null,
  value float8 not null,
  point_id int not null,
  quality smallint not null check (quality between 0 and 2),
  primary key (point_id, time)
) partition by range (time);
