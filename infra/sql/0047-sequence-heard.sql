-- Sequence numbers as they were heard: one row a flush and source, written with its readings. Whoever writes readings
-- also merges these rows into sequence_state, many at a time, and deletes them in the same transaction: what is known
-- of a device is its row there and what still stands here (services/ingest/store-sequences.ts).
create table sequence_heard (
  id bigint generated always as identity primary key,
  -- The gateway that heard them.
  source text not null,
  -- Side by side, in the order of arrival: device, number, source time and arrival (epoch ms).
  device_ids text[] not null,
  seqs bigint[] not null,
  times_ms float8[] not null,
  arrived_ms float8[] not null,
  check (cardinality(device_ids) = cardinality(seqs) and cardinality(seqs) = cardinality(times_ms)
    and cardinality(times_ms) = cardinality(arrived_ms))
);
-- Rows live for seconds: to compress them costs more than to keep them.
alter table sequence_heard alter column device_ids set storage external;
alter table sequence_heard alter column seqs set storage external;
alter table sequence_heard alter column times_ms set storage external;
alter table sequence_heard alter column arrived_ms set storage external;
