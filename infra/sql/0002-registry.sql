-- Spaces and devices carry valid time: an edit closes a row and opens the next.
create table space (
  id text not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null default 'infinity',
  parent_id text,
  kind text not null check (kind in ('park', 'building', 'floor', 'zone', 'room', 'outdoor', 'road')),
  role text,
  name text not null,
  area_m2 float8,
  primary key (id, valid_from),
  check (valid_from < valid_to)
);
create unique index space_current on space (id) where valid_to = 'infinity';
create index space_parent on space (parent_id) where valid_to = 'infinity';

create table device (
  id text not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null default 'infinity',
  class text not null,
  name text not null,
  space_id text,
  lifecycle text not null default 'in-service'
    check (lifecycle in ('planned', 'in-service', 'out-of-service', 'retired')),
  provenance text not null default 'field' check (provenance in ('field', 'simulated', 'replayed', 'manual')),
  attributes jsonb not null default '{}',
  primary key (id, valid_from),
  check (valid_from < valid_to)
);
create unique index device_current on device (id) where valid_to = 'infinity';
create index device_space on device (space_id) where valid_to = 'infinity';
create index device_class on device (class, id) where valid_to = 'infinity';

-- A point is a name for ever: the same (device, metric) keeps its number through every edit of the device.
create table point (
  point_id int generated always as identity primary key,
  device_id text not null,
  metric text not null,
  -- Ignored metrics are neither readings nor discoveries.
  ignored boolean not null default false,
  -- Of a metric that its device class does not name: kind, unit, range (schemas/device-class.ts); else null.
  definition jsonb,
  created_at timestamptz not null default now(),
  unique (device_id, metric)
);
