-- Revisions, only of readings whose sender numbers them; absent is 0.
create table reading_rev (
  point_id int not null,
  time timestamptz not null,
  rev bigint not null,
  primary key (point_id, time)
);

-- Every value that a later one replaced.
create table reading_correction (
  id bigint generated always as identity primary key,
  point_id int not null,
  time timestamptz not null,
  old_value float8 not null,
  old_quality smallint not null,
  new_value float8 not null,
  new_quality smallint not null,
  new_rev bigint not null,
  corrected_at timestamptz not null default now()
);
create index reading_correction_key on reading_correction (point_id, time);

-- Readings that came after their local day had ended, one row a flush and point.
create table late_arrival (
  committed_at timestamptz not null default now(),
  point_id int not null,
  from_time timestamptz not null,
  to_time timestamptz not null,
  count int not null
);
create index late_arrival_point on late_arrival (point_id, from_time);

-- The newest flush that each connection of a writer has committed, written in the flush itself: a writer that lost the
-- reply to its COMMIT asks here whether the flush stands, and so never stores or counts it twice.
create table writer_flush (
  writer uuid not null,
  lane smallint not null,
  flush bigint not null,
  committed_at timestamptz not null default now(),
  primary key (writer, lane)
);

-- The ledger, per source; a writer connection owns its lane, so that two never wait for one row. Sums are read.
create table ledger (
  source text not null,
  lane smallint not null,
  packets_received bigint not null default 0,
  packets_refused bigint not null default 0,
  packets_unacknowledged bigint not null default 0,
  values_received bigint not null default 0,
  values_committed bigint not null default 0,
  values_corrected bigint not null default 0,
  values_duplicate bigint not null default 0,
  values_undiscovered bigint not null default 0,
  values_untimed bigint not null default 0,
  events_committed bigint not null default 0,
  events_duplicate bigint not null default 0,
  last_at timestamptz not null default now(),
  primary key (source, lane)
);
create table ledger_rejected (
  source text not null,
  lane smallint not null,
  reason text not null,
  count bigint not null default 0,
  primary key (source, lane, reason)
);

-- The rejection book: what was refused, with the first 4 KiB as received.
create table rejection (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  source text not null,
  address text not null,
  device_id text,
  reason text not null,
  detail text not null,
  -- How many values of the packet this reason met; 0 when the packet was refused whole.
  value_count int not null,
  metrics text[] not null default '{}',
  payload bytea not null,
  payload_bytes int not null
);
create index rejection_device on rejection (device_id, id);
create index rejection_reason on rejection (reason, id);

-- What unknown devices, and unknown metrics of known ones, sent: kept until adopted, ignored or evicted.
create table discovery_packet (
  id bigint generated always as identity primary key,
  device_id text not null,
  received_at timestamptz not null,
  source text not null,
  address text not null,
  metrics text[] not null,
  -- The packet's content (schemas/reading.ts), reduced to the unknown metrics, for replay on adoption.
  content jsonb not null,
  -- The first 4 KiB as received.
  payload bytea not null,
  -- Of content and payload together; what the 64 MiB of the book are counted in.
  size_bytes int not null,
  -- How many values of the ledger's `undiscovered` this row stands for.
  value_count int not null
);
create index discovery_packet_device on discovery_packet (device_id, id);
create index discovery_packet_age on discovery_packet (received_at);

-- Sequence numbers seen, as ranges (services/ingest/sequence.ts); locked while a flush merges into it.
create table sequence_state (
  device_id text primary key,
  -- The gateway that heard the device last.
  source text not null,
  -- The newest runs of numbering, oldest first; a new one begins when a lower number comes with a newer time.
  runs jsonb not null default '[]',
  -- Numbers missing for good: holes of runs that are no longer kept.
  gaps bigint not null default 0,
  repeats bigint not null default 0,
  restarts bigint not null default 0,
  changed_at timestamptz not null default now()
);

-- Retained online/offline of the field's own last will, and when a device was last heard at all (at most 10 s behind).
create table device_status (
  device_id text primary key,
  status text check (status in ('online', 'offline')),
  status_at timestamptz,
  source text not null,
  last_seen timestamptz
);

create table event (
  event_id bigint generated always as identity primary key,
  device_id text not null,
  time timestamptz not null,
  untimed boolean not null,
  type text not null,
  -- The sender's id, else the SHA-256 of the canonical data; null when there is neither id nor time to tell repeats by.
  event_key text,
  data jsonb not null,
  source text not null,
  received_at timestamptz not null default now()
);
create unique index event_timed on event (device_id, time, type, event_key) where not untimed;
create unique index event_untimed on event (device_id, type, event_key) where untimed and event_key is not null;
create index event_time on event (time, event_id);
create index event_device on event (device_id, time, event_id);
create index event_type on event (type, time, event_id);
