import type { Client } from 'pg';
import type { Queryable } from '#infra/postgres.ts';
import type { DirtyBucket } from '#services/rollup/buckets.ts';
import { CopyIn } from './copy-in.ts';
import { encodeReadings, encodeStaged, type ReadingColumns } from './copy-rows.ts';
import type { Correction, Stand, Standing } from './fold.ts';
import { tallyFigures, type TallyBook } from './ledger.ts';
import type { LateArrival, StagedKey } from './plan.ts';

/** The SQL of readings and of the ledger; what is beside the readings is in store-books.ts. */

/**
 * Prepares a writer's session. The planner knows nothing of a staging table that is filled and emptied all the time,
 * so it is told to look keys up instead of reading whole partitions.
 */
export async function openSession(client: Queryable): Promise<void> {
  await client.query(`set enable_hashjoin = off; set enable_mergejoin = off; set enable_seqscan = off;
    set enable_material = off; set jit = off; set timezone = 'UTC';
    create temp table staged (time timestamptz not null, value float8 not null, point_id int not null,
      quality smallint not null, ord int not null) on commit delete rows`);
}

/** Ends sessions of this name other than our own: a connection we lost may still hold the rows of its flush. */
export async function endOtherSessions(client: Queryable, name: string): Promise<void> {
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = $1 and datname = current_database() and pid <> pg_backend_pid()`,
    [name],
  );
}

/** Newest committed time of every point, epoch µs. One index probe a point and partition, whatever the history. */
export async function readNewestTimes(db: Queryable): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; us: number }>(
    `select p.point_id as id, (extract(epoch from r.time) * 1000000)::float8 as us
     from point p cross join lateral
       (select time from reading where point_id = p.point_id order by time desc limit 1) r`,
  );
  return new Map(rows.map(({ id, us }) => [id, us]));
}

/** Which flush of which connection this is. */
export interface FlushKey {
  readonly writer: string;
  readonly lane: number;
  /** Counts up per lane. */
  readonly flush: number;
}

/**
 * Claims a flush inside its transaction: false when it was committed already. Waits for an earlier attempt that is
 * still open on the server, so the answer is final.
 */
export async function claimFlush(client: Queryable, key: FlushKey): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'claim-flush',
    text: `insert into writer_flush (writer, lane, flush) values ($1, $2, $3)
     on conflict (writer, lane) do update set flush = excluded.flush, committed_at = now()
       where writer_flush.flush < excluded.flush`,
    values: [key.writer, key.lane, key.flush],
  });
  return rowCount === 1;
}

/** Forgets a writer that is closed, and those that stopped without a word long ago. */
export async function forgetWriter(db: Queryable, writer: string): Promise<void> {
  await db.query(`delete from writer_flush where writer = $1 or committed_at < now() - interval '30 days'`, [
    writer,
  ]);
}

function copyIn(client: Client, statement: string, rows: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(statement, rows, (error) => (error === null ? resolve() : reject(error))));
  });
}

/** The direct path. Fails with unique_violation (23505) when a key exists. */
export function copyReadings(client: Client, columns: ReadingColumns, table = 'reading'): Promise<void> {
  return copyIn(
    client,
    `copy ${table} (time, value, point_id, quality) from stdin (format binary)`,
    encodeReadings(columns),
  );
}

/** Fills the staging table with the first sample of each key; `ord` is the key's place. */
export function copyStaged(client: Client, keys: readonly StagedKey[]): Promise<void> {
  const columns: ReadingColumns = {
    pointIds: keys.map((key) => key.pointId),
    timesUs: keys.map((key) => key.timeUs),
    values: keys.map((key) => key.samples[0]?.value ?? 0),
    qualities: keys.map((key) => key.samples[0]?.quality ?? 0),
  };
  return copyIn(
    client,
    'copy staged (time, value, point_id, quality, ord) from stdin (format binary)',
    encodeStaged(columns),
  );
}

/**
 * What stands in the table of the staged keys, by `ord`: null where there is none. A key that is absent from the answer
 * stands as it was staged, without a revision: repeats, of which there may be many, cost no answer.
 */
export async function readStanding(client: Queryable): Promise<Map<number, Standing | null>> {
  const { rows } = await client.query<{ ord: number; value: number | null } & Omit<Standing, 'value'>>({
    name: 'read-standing',
    text: `select s.ord, r.value, r.quality, coalesce(v.rev, 0)::float8 as rev
     from staged s
     left join reading r on r.point_id = s.point_id and r.time = s.time
     left join reading_rev v on v.point_id = s.point_id and v.time = s.time
     where r.value is distinct from s.value or r.quality <> s.quality or v.rev > 0`,
  });
  return new Map(
    rows.map(({ ord, value, quality, rev }) => [ord, value === null ? null : { value, quality, rev }]),
  );
}

/** What the journal lists as superseded, for the staged keys named by `ord`. */
export async function readSuperseded(
  client: Queryable,
  ords: readonly number[],
): Promise<Map<number, Stand[]>> {
  const { rows } = await client.query<{ ord: number } & Stand>({
    name: 'read-superseded',
    text: `select s.ord, c.old_value as value, c.old_quality as quality
     from staged s join reading_correction c on c.point_id = s.point_id and c.time = s.time
     where s.ord = any($1::int[])`,
    values: [ords],
  });
  const found = new Map<number, Stand[]>();
  for (const { ord, value, quality } of rows) {
    found.set(ord, [...(found.get(ord) ?? []), { value, quality }]);
  }
  return found;
}

/** What follows is undone by {@link backToStaged}, and nothing before. */
export async function markStaged(client: Queryable): Promise<void> {
  await client.query('savepoint staged');
}

export async function backToStaged(client: Queryable): Promise<void> {
  await client.query('rollback to savepoint staged');
}

/** Stores the staged keys that do not exist yet; returns how many. */
export async function insertStaged(client: Queryable): Promise<number> {
  const { rowCount } = await client.query({
    name: 'insert-staged',
    text: `insert into reading (time, value, point_id, quality)
     select time, value, point_id, quality from staged order by point_id, time on conflict do nothing`,
  });
  return rowCount ?? 0;
}

/** A reading by its key; time in epoch µs. */
export interface ReadingKey {
  readonly pointId: number;
  readonly timeUs: number;
}

/** A reading whose value or quality changes. */
export interface Change extends ReadingKey {
  readonly old: Stand;
  readonly new: Stand;
}

/** A change for the journal. */
export type Journalled = Correction & ReadingKey;

/** Changes rows that still stand as they were read; returns how many did. */
export async function updateReadings(client: Queryable, changes: readonly Change[]): Promise<number> {
  const { rowCount } = await client.query({
    name: 'update-readings',
    text: `update reading r set value = c.new_value, quality = c.new_quality
     from json_to_recordset($1::json) as c(point_id int, time timestamptz, old_value float8, old_quality smallint,
       new_value float8, new_quality smallint)
     where r.point_id = c.point_id and r.time = c.time
       and r.value = c.old_value and r.quality = c.old_quality`,
    values: [JSON.stringify(changes.map(changeRow))],
  });
  return rowCount ?? 0;
}

/** Journals what was replaced, in order. */
export async function insertCorrections(
  client: Queryable,
  corrections: readonly Journalled[],
): Promise<void> {
  await client.query({
    name: 'insert-corrections',
    text: `insert into reading_correction
       (point_id, time, old_value, old_quality, new_value, new_quality, new_rev)
     select point_id, time, old_value, old_quality, new_value, new_quality, rev
     from json_to_recordset($1::json) as c(place int, point_id int, time timestamptz, old_value float8,
       old_quality smallint, new_value float8, new_quality smallint, rev bigint)
     order by place`,
    values: [
      JSON.stringify(
        corrections.map((correction, place) => ({ ...changeRow(correction), place, rev: correction.rev })),
      ),
    ],
  });
}

function changeRow(change: Change) {
  return {
    ...keyRow(change),
    old_value: change.old.value,
    old_quality: change.old.quality,
    new_value: change.new.value,
    new_quality: change.new.quality,
  };
}

function keyRow({ pointId, timeUs }: ReadingKey) {
  return { point_id: pointId, time: timestampText(timeUs) };
}

/** Keeps the revision of readings that have one; the higher stands. */
export async function upsertRevisions(
  client: Queryable,
  revisions: readonly (ReadingKey & { rev: number })[],
): Promise<void> {
  await client.query({
    name: 'upsert-revisions',
    text: `insert into reading_rev (point_id, time, rev)
     select point_id, time, rev from json_to_recordset($1::json) as c(point_id int, time timestamptz, rev bigint)
     on conflict (point_id, time) do update set rev = greatest(reading_rev.rev, excluded.rev)`,
    values: [JSON.stringify(revisions.map((revision) => ({ ...keyRow(revision), rev: revision.rev })))],
  });
}

export async function insertLateArrivals(client: Queryable, late: Iterable<LateArrival>): Promise<void> {
  const rows = [...late].map((entry) => ({
    point_id: entry.pointId,
    from_time: timestampText(entry.fromUs),
    to_time: timestampText(entry.toUs),
    count: entry.count,
  }));
  await client.query({
    name: 'insert-late-arrivals',
    text: `insert into late_arrival (point_id, from_time, to_time, count)
     select point_id, from_time, to_time, count from json_to_recordset($1::json)
       as x(point_id int, from_time timestamptz, to_time timestamptz, count int)`,
    values: [JSON.stringify(rows)],
  });
}

/** Journals buckets whose derived rows are behind from this transaction on. */
export async function insertDirtyBuckets(client: Queryable, dirty: readonly DirtyBucket[]): Promise<void> {
  await client.query({
    name: 'insert-dirty-buckets',
    text: `insert into dirty_bucket (bucket, point_ids)
     select to_timestamp(ms / 1000), points::int[]
     from unnest($1::float8[], $2::text[]) as b(ms, points)`,
    values: [
      dirty.map(({ bucketMs }) => bucketMs),
      dirty.map(({ pointIds }) => (pointIds === null ? null : `{${pointIds.join(',')}}`)),
    ],
  });
}

/** Adds the flush's entries to the ledger. */
export async function addToLedger(client: Queryable, lane: number, book: TallyBook): Promise<void> {
  const sources = [...book.bySource].toSorted(([a], [b]) => (a < b ? -1 : 1));
  await client.query({
    name: 'add-to-ledger',
    text: addToLedgerSql,
    values: [
      lane,
      JSON.stringify(
        sources.map(([source, tally]) => ({
          source,
          lastAt: new Date(tally.lastAtMs).toISOString(),
          ...Object.fromEntries(tallyFigures.map((figure) => [figure, tally[figure]])),
        })),
      ),
      JSON.stringify(
        sources.flatMap(([source, tally]) =>
          [...tally.rejected].map(([reason, count]) => ({ source, reason, count })),
        ),
      ),
    ],
  });
}

const addToLedgerSql = `
with rejected as (
  insert into ledger_rejected (source, lane, reason, count)
  select source, $1::smallint, reason, count
  from json_to_recordset($3::json) as x(source text, reason text, count bigint)
  on conflict (source, lane, reason) do update set count = ledger_rejected.count + excluded.count)
insert into ledger (source, lane, packets_received, packets_refused, packets_unacknowledged, values_received,
  values_committed, values_corrected, values_duplicate, values_undiscovered, values_untimed, events_committed,
  events_duplicate, last_at)
select source, $1::smallint, "packetsReceived", "packetsRefused", "packetsUnacknowledged", "valuesReceived",
  "valuesCommitted", "valuesCorrected", "valuesDuplicate", "valuesUndiscovered", "valuesUntimed", "eventsCommitted",
  "eventsDuplicate", "lastAt"
from json_to_recordset($2::json) as x(source text, "packetsReceived" bigint, "packetsRefused" bigint,
  "packetsUnacknowledged" bigint, "valuesReceived" bigint, "valuesCommitted" bigint, "valuesCorrected" bigint,
  "valuesDuplicate" bigint, "valuesUndiscovered" bigint, "valuesUntimed" bigint, "eventsCommitted" bigint,
  "eventsDuplicate" bigint, "lastAt" timestamptz)
on conflict (source, lane) do update set
  packets_received = ledger.packets_received + excluded.packets_received,
  packets_refused = ledger.packets_refused + excluded.packets_refused,
  packets_unacknowledged = ledger.packets_unacknowledged + excluded.packets_unacknowledged,
  values_received = ledger.values_received + excluded.values_received,
  values_committed = ledger.values_committed + excluded.values_committed,
  values_corrected = ledger.values_corrected + excluded.values_corrected,
  values_duplicate = ledger.values_duplicate + excluded.values_duplicate,
  values_undiscovered = ledger.values_undiscovered + excluded.values_undiscovered,
  values_untimed = ledger.values_untimed + excluded.values_untimed,
  events_committed = ledger.events_committed + excluded.events_committed,
  events_duplicate = ledger.events_duplicate + excluded.events_duplicate,
  last_at = greatest(ledger.last_at, excluded.last_at)`;

/** RFC 3339 with microseconds, of epoch µs. */
export function timestampText(timeUs: number): string {
  const ms = Math.floor(timeUs / 1000);
  const micros = String(timeUs - ms * 1000).padStart(3, '0');
  return new Date(ms).toISOString().replace('Z', `${micros}Z`);
}
