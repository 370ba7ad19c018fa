-- What one shift tells the next: signed by who leaves, accepted by who comes. Both acts are rows of the sealed audit.
create table shift_handover (
  id bigint generated always as identity primary key,
  signed_at timestamptz not null,
  signed_by text not null,
  -- schemas/api/handover.ts: notes by topic, and how the alarms stood when it was signed.
  notes jsonb not null,
  state jsonb not null,
  accepted_at timestamptz,
  accepted_by text check (accepted_by <> signed_by),
  accept_comment text,
  check ((accepted_at is null) = (accepted_by is null) and (accepted_at is null) = (accept_comment is null))
);
