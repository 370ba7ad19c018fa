-- OPC UA servers that are configured through the API, as schemas/opcua.ts has them; those of PARK_CONFIG_FILE stand beside them.
create table opcua_server (
  id text primary key,
  definition jsonb not null,
  -- What logs in there: AES-256-GCM under a key outside the database (infra/secret-box.ts).
  secret bytea,
  -- Grows with every change of the server or its nodes.
  version int not null default 1
);
-- Which node is which point.
create table opcua_node (
  server_id text not null references opcua_server (id) on delete cascade,
  device_id text not null,
  metric text not null,
  definition jsonb not null,
  primary key (server_id, device_id, metric)
);
-- What devices can be told by a method of a server, of the file's servers too: written by the gateway that reads them.
create table opcua_method (
  device_id text not null,
  command text not null,
  server_id text not null,
  primary key (device_id, command)
);
-- What a gateway tells beyond what all of them tell.
alter table gateway_state add column figures jsonb;
-- A command that is a method has no state that shows it, and is called once.
alter table field_command alter column metric drop not null;
alter table field_command alter column wanted drop not null;
alter table field_command add column server_id text;
alter table field_command add column called_at timestamptz;
