-- The newest good reading of a point's day: what a measure of a past period asks for when raw readings are gone.
alter table point_day add column last_good_time timestamptz;
alter table point_day add column last_good float8;
