-- What frames of the bus between processes are signed with: every client of the broker can publish there, and only
-- who reaches this database is one of us.
create table bus_key (
  one boolean primary key default true check (one),
  key bytea not null check (length(key) = 32)
);
insert into bus_key (key) values (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
