-- How long raw readings of a device class are kept, as people set it; of each class the newest row is in force.
create table raw_keep (
  id bigint generated always as identity primary key,
  class text not null,
  -- Null is as long as all others: the horizon.
  days int check (days > 0),
  author text not null,
  reason text not null,
  at timestamptz not null default now()
);
create index raw_keep_class on raw_keep (class, id);

-- Points whose readings are copied to `reading_kept` when a day is closed, and since when all of them were: said by who
-- copies, so that no later edit of a device or of a setting can claim readings that were not kept. Infinity is nothing:
-- what is left of the point's copies goes.
create table raw_kept_point (
  point_id int primary key,
  whole_from timestamptz not null
);
