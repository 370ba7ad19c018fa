-- What a device logs in to the broker with: a generated secret, or the name in a client certificate.
create table field_credential (
  id uuid primary key default gen_random_uuid(),
  device_id text not null,
  kind text not null check (kind in ('password', 'certificate')),
  -- SHA-256 of the secret: 128 random bits need neither salt nor stretching, and thousands reconnect at once.
  secret_hash bytea unique,
  -- The same secret as a line of mosquitto's password file, which is all that broker reads.
  secret_mosquitto text,
  -- Common name of the certificate's subject.
  subject text,
  created_at timestamptz not null,
  created_by text not null,
  -- A rotated credential stands a while beside its successor; a revoked one ends at once.
  expires_at timestamptz not null default 'infinity',
  last_used_at timestamptz,
  last_address text,
  check ((kind = 'password') = (secret_hash is not null and secret_mosquitto is not null)),
  check ((kind = 'certificate') = (subject is not null))
);
create index field_credential_device on field_credential (device_id);
create index field_credential_subject on field_credential (subject) where subject is not null;

-- What the credentials of a device cover beside its own id; no row: nothing.
create table field_grant (
  device_id text primary key,
  children text[] not null default '{}',
  prefixes text[] not null default '{}',
  -- MQTT filters of vendors' topics, which a mapping reads.
  topics text[] not null default '{}',
  packets_per_s int,
  connections int
);

-- One row: what holds for all of the field.
create table field_policy (
  singleton boolean primary key default true check (singleton),
  shared_login boolean not null default true
);
insert into field_policy default values;
