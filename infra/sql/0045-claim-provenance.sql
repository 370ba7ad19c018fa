-- A claim of a demo is told from one of the park, like a simulated value from a measured one.
alter table claim add column provenance text not null default 'field'
  check (provenance in ('field', 'simulated', 'replayed', 'manual'));
