-- Books of records that people keep. A row is what one edit said of some days; only its end in knowledge is ever set.
create table park_record (
  id bigint generated always as identity primary key,
  kind text not null,
  code text not null,
  -- Counts the edits of a record; all rows that one edit wrote carry it.
  version int not null,
  -- The days on which it holds, the last included (as certificates print it); both the same for an event.
  valid_from date not null,
  valid_until date not null default 'infinity',
  title text not null,
  fields jsonb not null,
  -- Of {sha256, name}.
  documents jsonb not null default '[]',
  provenance text not null default 'field' check (provenance in ('field', 'simulated', 'replayed', 'manual')),
  -- Of the canonical text of what the row says (services/registers/content.ts).
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  recorded_at timestamptz not null,
  recorded_by text not null,
  reason text,
  superseded_at timestamptz not null default 'infinity',
  superseded_by text,
  ending text check (ending in ('corrected', 'changed', 'withdrawn')),
  check (valid_from <= valid_until),
  check ((ending is null) = (superseded_at = 'infinity'))
);
create unique index park_record_known on park_record (kind, code, valid_from)
  where superseded_at = 'infinity';
create index park_record_until on park_record (kind, valid_until) where superseded_at = 'infinity';
create index park_record_history on park_record (kind, code, id);
create index park_record_document on park_record using gin (documents jsonb_path_ops);

-- Somebody looked at a record and found it right as it stands.
create table record_review (
  id bigint generated always as identity primary key,
  kind text not null,
  code text not null,
  reviewed_at timestamptz not null,
  reviewer text not null,
  note text
);
create index record_review_record on record_review (kind, code, id);

-- Files by their content; the bytes lie in DATA_DIR/attachments. A row is made when all bytes are there.
create table attachment (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  media_type text not null,
  bytes bigint not null check (bytes > 0),
  -- As it was called when it first came.
  name text not null,
  uploaded_at timestamptz not null default now(),
  uploaded_by text not null
);

-- What somebody claims of an item of a rubric, and what a second person said to it.
create table claim (
  id bigint generated always as identity primary key,
  rubric_id text not null,
  item text not null,
  -- {grade, value, unit, quantities, functions}: schemas/claim.ts.
  content jsonb not null,
  statement text not null,
  documents jsonb not null default '[]',
  -- The days for which it stands, the last included.
  valid_from date not null,
  valid_until date not null,
  -- Of the canonical text of all of the above.
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  author_id text not null,
  author text not null,
  claimed_at timestamptz not null,
  state text not null default 'pending' check (state in ('pending', 'approved', 'refused', 'withdrawn')),
  decider_id text,
  decider text,
  decided_at timestamptz,
  decision_reason text,
  withdrawn_at timestamptz,
  withdrawn_by text,
  withdrawal_reason text,
  check (valid_from <= valid_until),
  check (decider_id <> author_id),
  check (state not in ('approved', 'refused') or decider_id is not null),
  check ((state = 'withdrawn') = (withdrawn_at is not null))
);
create index claim_item on claim (rubric_id, item, id);
create unique index claim_pending on claim (rubric_id, item) where state = 'pending';
