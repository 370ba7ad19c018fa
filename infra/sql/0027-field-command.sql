-- What people told a device to do, and what came of it; the audit journal tells each step.
create table field_command (
  id uuid primary key,
  device_id text not null,
  command text not null,
  reason text not null,
  actor text not null,
  sent_at timestamptz not null,
  -- A device does nothing that is older; without its answer the command has timed out then.
  expires_at timestamptz not null,
  -- The state that shows that it was done: confirms it as well as the device's own word.
  metric text not null,
  wanted float8 not null,
  state text not null check (state in ('sent', 'confirmed', 'failed', 'timed-out')),
  ended_at timestamptz,
  -- In the device's words where it failed; how it was confirmed.
  detail text
);
-- One at a time: two that cross each other would leave a door as nobody wanted it.
create unique index field_command_open on field_command (device_id) where state = 'sent';
create index field_command_device on field_command (device_id, sent_at);
