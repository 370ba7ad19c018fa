-- Every packet with a sequence number changes the row of its device: with room on its page the change needs no new entry
-- in the index and leaves no page behind.
alter table sequence_state set (fillfactor = 50);
alter table device_status set (fillfactor = 50);
