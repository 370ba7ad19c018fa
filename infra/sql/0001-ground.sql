-- The park this database belongs to: one row, written at first start and compared at every later one.
create table park (
  one boolean primary key default true check (one),
  id text not null,
  time_zone text not null,
  created_at timestamptz not null default now()
);

-- One leader per single-writer role, in the database's own clock.
create table lease (
  role text primary key,
  holder text not null,
  epoch bigint not null,
  expires_at timestamptz not null
);

-- The sealed journals. Rows are inserted by whoever acts, without waiting; one sealer later gives seq and hash.
create table journal (
  journal text not null check (journal in ('evidence', 'audit', 'alarms', 'days')),
  id bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  -- RFC 8785 canonical JSON, kept as the hashed bytes.
  body text not null,
  seq bigint,
  prev text,
  hash text,
  primary key (journal, id),
  check ((seq is null) = (hash is null) and (seq is null) = (prev is null))
);
create unique index journal_seq on journal (journal, seq) where seq is not null;
create index journal_unsealed on journal (xid, id) where seq is null;
