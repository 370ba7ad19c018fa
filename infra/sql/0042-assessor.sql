-- What an assessor decides inside the range that a rubric leaves: every decision is a row, the newest one stands. The same
-- stands in the evidence journal, which is sealed.
create table assessor_decision (
  -- Of the row in the journal `evidence`.
  id bigint primary key,
  rubric_id text not null,
  edition text not null,
  item text not null,
  from_time timestamptz not null,
  to_time timestamptz not null,
  -- Null takes back the one before.
  points float8,
  -- What was computed when it was decided.
  range_min float8 not null,
  range_max float8 not null,
  reason text not null,
  author_id text not null,
  author text not null,
  decided_at timestamptz not null,
  check (from_time < to_time),
  check (points between range_min and range_max)
);
create index assessor_decision_period on assessor_decision (rubric_id, edition, from_time, to_time, item, id);
create trigger assessor_decision_kept before update or delete or truncate on assessor_decision
  for each statement execute function refuse_change();

-- An assessor signed a whole assessment as it stood. In the evidence journal, too.
create table assessment_sign_off (
  -- Of the row in the journal `evidence`.
  id bigint primary key,
  rubric_id text not null,
  edition text not null,
  from_time timestamptz not null,
  to_time timestamptz not null,
  -- As it was sealed: who, when, the total, the head of the journal before it, and every item.
  content jsonb not null,
  signer_id text not null,
  signer text not null,
  signed_at timestamptz not null,
  check (from_time < to_time)
);
create index assessment_sign_off_rubric on assessment_sign_off (rubric_id, edition, from_time, to_time, id);
create trigger assessment_sign_off_kept before update or delete or truncate on assessment_sign_off
  for each statement execute function refuse_change();

-- What an assessor asks about an item, and what the park says to it; nothing said is ever changed.
create table item_question (
  id bigint generated always as identity primary key,
  rubric_id text not null,
  item text not null,
  question text not null,
  asker_id text not null,
  asker text not null,
  asked_at timestamptz not null
);
create index item_question_item on item_question (rubric_id, item, id);
create trigger item_question_kept before update or delete or truncate on item_question
  for each statement execute function refuse_change();

create table item_question_entry (
  id bigint generated always as identity primary key,
  question_id bigint not null references item_question (id),
  kind text not null check (kind in ('answer', 'remark', 'close', 'reopen')),
  content text not null,
  author text not null,
  said_at timestamptz not null
);
create index item_question_entry_question on item_question_entry (question_id, id);
create trigger item_question_entry_kept before update or delete or truncate on item_question_entry
  for each statement execute function refuse_change();

-- Somebody was asked to come for a time: the link by which they choose their password, once. Of the link only its hash.
create table invitation (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references park_user,
  token_hash bytea not null unique,
  email text,
  invited_by text not null,
  invited_at timestamptz not null,
  -- Of the link; the account has its own end.
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index invitation_user on invitation (user_id);
