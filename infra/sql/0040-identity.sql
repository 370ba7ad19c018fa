-- One row: what becomes of the identity of people in events of the field before they are stored, and for how long what
-- is stored names them.
create table identity_policy (
  singleton boolean primary key default true check (singleton),
  mode text not null check (mode in ('hash', 'mask', 'keep')),
  keep_days int not null check (keep_days between 1 and 3660),
  -- Events before this instant name nobody any more.
  erased_to timestamptz not null default '-infinity'
);
-- A park that has stored identities until now goes on until somebody decides otherwise.
insert into identity_policy (mode, keep_days)
select case when exists (select from event) then 'keep' else 'hash' end, 180;
