-- What each gateway tells of itself, kept for other processes and later starts; a row a gateway and process.
create table gateway_state (
  source text not null,
  -- The number of the process where several share the load of an external broker, else 1.
  instance int not null,
  protocol text not null,
  connected boolean not null,
  detail text not null,
  -- Null where there is no external broker.
  canary_lag_ms float8,
  -- Since the first start. Null where there is no external broker: then it holds no session of ours.
  canary_holes bigint,
  sessions_lost bigint,
  -- When something was found lost last.
  lost_at timestamptz,
  seen_at timestamptz not null default now(),
  primary key (source, instance)
);
