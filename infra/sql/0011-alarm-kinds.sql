-- Silence and states have no limit, and a point that never spoke has no value.
alter table alarm alter column value drop not null;
alter table alarm alter column limit_value drop not null;
