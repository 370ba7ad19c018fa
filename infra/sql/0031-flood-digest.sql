-- While an operator position is flooded, messages of its alarms go out together, told by cause.
alter table delivery add column flood_id bigint references alarm_flood (id);
create index delivery_flood on delivery (channel_id, flood_id) where state = 'waiting' and flood_id is not null;
