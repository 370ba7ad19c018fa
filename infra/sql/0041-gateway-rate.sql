-- How fast a gateway takes packets now, and what was wrong with it last.
alter table gateway_state
  add column packets_per_s float8,
  add column last_error text,
  add column last_error_at timestamptz;
