-- Whatever was committed by a transaction that began since, the newest version of the day may not hold: more than what was
-- committed after it was sealed, since a transaction carries the time at which it began.
alter table day_close add column known_until timestamptz not null default now();
update day_close set known_until = sealed_at - interval '1 minute';
-- What changed since is asked by time, over all points.
create index reading_correction_at on reading_correction (corrected_at);
create index late_arrival_at on late_arrival (committed_at);
