-- Mappings that people saved through the API; the newest version is in force beside those of PARK_CONFIG_FILE.
create table mapping_version (
  version int primary key check (version > 0),
  mapping text not null,
  note text not null default '',
  saved_at timestamptz not null,
  saved_by text not null
);
