-- People who log in. A name belongs to one person for ever: users are disabled, never deleted.
create table park_user (
  id uuid primary key default gen_random_uuid(),
  username text not null unique,
  display_name text not null,
  role text not null check (role in ('viewer', 'operator', 'engineer', 'assessor', 'admin')),
  -- argon2id in PHC format.
  password_hash text not null,
  -- A one-time password: good until then, and only for choosing an own one.
  must_change_password boolean not null default false,
  one_time_expires_at timestamptz,
  disabled boolean not null default false,
  -- Assessors come for a time.
  expires_at timestamptz,
  created_at timestamptz not null,
  last_login_at timestamptz
);

-- Tokens are kept as their SHA-256 only.
create table session (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references park_user,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  address text not null,
  user_agent text not null
);
create index session_owner on session (user_id);

create table api_token (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references park_user,
  name text not null,
  secret_hash bytea not null unique,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz
);
create index api_token_owner on api_token (user_id);

-- Failed logins of a user name or an address; shared by every process that serves logins.
create table login_attempt (
  key text primary key,
  failures int not null,
  last_at timestamptz not null
);
