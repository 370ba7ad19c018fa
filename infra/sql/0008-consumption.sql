-- A meter was changed: what the old one showed last and the new one first. An entry that was wrong is closed, not deleted.
create table register_replacement (
  id bigint generated always as identity primary key,
  point_id int not null references point (point_id),
  at timestamptz not null,
  closing float8 not null,
  opening float8 not null,
  author text not null,
  reason text not null,
  valid_from timestamptz not null default now(),
  valid_to timestamptz not null default 'infinity'
);
create unique index register_replacement_current on register_replacement (point_id, at) where valid_to = 'infinity';

-- Steps of counters that count 0 until a person has looked. The two samples name the step: when late data puts another
-- between them, it is a different step. Every decision is in the audit journal with its reason.
create table register_review (
  id bigint generated always as identity primary key,
  point_id int not null references point (point_id),
  from_time timestamptz not null,
  from_value float8 not null,
  from_origin text not null check (from_origin in ('sample', 'closing', 'opening')),
  to_time timestamptz not null,
  to_value float8 not null,
  to_origin text not null check (to_origin in ('sample', 'closing', 'opening')),
  -- What the step adds when it is accepted.
  claimed float8 not null,
  -- `superseded`: nobody decided, and the data that came since explains the step.
  state text not null default 'open' check (state in ('open', 'accepted', 'left-out', 'replacement', 'superseded')),
  -- Of `left-out`: the sample that is wrong, one of the two.
  left_out timestamptz,
  replacement_id bigint references register_replacement (id),
  found_at timestamptz not null default now(),
  decided_at timestamptz,
  decided_by text,
  reason text,
  unique (point_id, from_time, to_time),
  check ((state = 'left-out') = (left_out is not null)),
  check ((state = 'replacement') = (replacement_id is not null)),
  check ((state in ('open', 'superseded')) = (decided_at is null))
);
create index register_review_state on register_review (state, id);
