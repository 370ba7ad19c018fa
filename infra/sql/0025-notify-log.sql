-- The log of messages is read by what it is filtered by, newest first, however long it has become.
create index delivery_channel on delivery (channel_id, id);
create index delivery_person on delivery (username, id) where username is not null;
create index delivery_state on delivery (state, id) where state not in ('delivered');
-- Tellings go when their messages have gone.
create index notice_ended on notice (ended_at) where ended_at is not null;
