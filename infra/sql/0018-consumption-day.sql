-- Consumption of counters by local day of the park, kept ready. A row was computed from what lies between two samples
-- (infinite where the counter had no further one): whatever changes there makes it due again.
create table consumption_day (
  point_id int not null,
  day date not null,
  -- Null where nothing is known of the day.
  value float8,
  covered_us bigint not null,
  -- Flags by their place, and how its ends are known (services/consumption/parts.ts).
  bits int not null,
  depends_from timestamptz not null,
  depends_to timestamptz not null,
  computed_at timestamptz not null default now(),
  -- The day's 92 to 100 quarters of an hour, so that a change can be told where it happened.
  quarter_values float8[] not null,
  quarter_covered_us int[] not null,
  quarter_bits int[] not null,
  primary key (point_id, day)
);
create index consumption_day_depends on consumption_day (point_id, depends_to);

-- Whole months of the park, folded from their days.
create table consumption_month (
  point_id int not null,
  month date not null,
  value float8,
  covered_us bigint not null,
  bits int not null,
  depends_from timestamptz not null,
  depends_to timestamptz not null,
  primary key (point_id, month)
);

-- How far each counter's days reach: rows from `first_day` to before `next_day`; before `since` there is no sample.
create table consumption_head (
  point_id int primary key references point (point_id),
  since timestamptz not null,
  first_day date not null,
  next_day date not null,
  -- What the class and the device say of the counter; other facts make every day due.
  facts text not null
);

-- Times of a counter at which something changed that days may depend on, until they are computed again.
create table consumption_due (
  id bigint generated always as identity primary key,
  point_id int not null,
  from_time timestamptz not null,
  to_time timestamptz not null,
  cause text not null check (cause in ('reading', 'late-book', 'replacement', 'review', 'facts')),
  at timestamptz not null default now()
);
create index consumption_due_point on consumption_due (point_id);

-- Consumption that was known and changed: append-only.
create table consumption_change (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  point_id int not null,
  from_time timestamptz not null,
  to_time timestamptz not null,
  old_value float8,
  new_value float8,
  old_coverage float8 not null,
  new_coverage float8 not null,
  old_bits int not null,
  new_bits int not null,
  cause text not null check (cause in ('late', 'later', 'correction', 'late-book', 'replacement', 'review', 'facts'))
);
create index consumption_change_point on consumption_change (point_id, id);
create index consumption_change_time on consumption_change (point_id, to_time);
