-- Groups of cameras and video platforms that are configured through the API, as schemas/cctv.ts has them; those of
-- PARK_CONFIG_FILE stand beside them.
create table cctv_group (
  id text primary key,
  definition jsonb not null,
  -- Passwords and tokens by where they belong: AES-256-GCM under a key outside the database (infra/secret-box.ts).
  secret bytea,
  version int not null default 1,
  changed_at timestamptz not null,
  changed_by text not null
);
-- What the last round learned of each camera; one row a camera.
create table camera_probe (
  device_id text primary key,
  group_id text not null,
  asked_at timestamptz not null,
  answers boolean not null,
  -- When it answered last; null: never since it is asked.
  answered_at timestamptz,
  troubles text[] not null,
  clock_offset_s float8,
  reach_s float8,
  recording boolean,
  manufacturer text,
  model text,
  firmware text
);
