-- Which share of the local day each camera's recordings cover, as it was told last.
alter table camera_probe add column recorded_share double precision;
