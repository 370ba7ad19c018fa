import type { Queryable } from '#infra/postgres.ts';
import type { Said } from '#schemas/api/common.ts';
import type { FieldEvent, PacketContent } from '#schemas/reading.ts';
import { tallyFigures, TallyBook, type Tally } from './ledger.ts';

/** The SQL behind the ingest routes and the adoption of discoveries. */

/** The ledger as committed, summed over all connections of all writers. */
export async function readLedger(db: Queryable): Promise<TallyBook> {
  const { rows } = await db.query<{ source: string; lastAt: Date; rejected: Record<string, number> } & Tally>(
    `select l.source, max(l.last_at) as "lastAt",
       sum(packets_received)::float8 as "packetsReceived", sum(packets_refused)::float8 as "packetsRefused",
       sum(packets_unacknowledged)::float8 as "packetsUnacknowledged", sum(values_received)::float8 as "valuesReceived",
       sum(values_committed)::float8 as "valuesCommitted", sum(values_corrected)::float8 as "valuesCorrected",
       sum(values_duplicate)::float8 as "valuesDuplicate", sum(values_undiscovered)::float8 as "valuesUndiscovered",
       sum(values_untimed)::float8 as "valuesUntimed", sum(events_committed)::float8 as "eventsCommitted",
       sum(events_duplicate)::float8 as "eventsDuplicate",
       coalesce((select json_object_agg(reason, count) from (
         select r.reason, sum(r.count) as count from ledger_rejected r where r.source = l.source
         group by r.reason) summed), '{}') as rejected
     from ledger l group by l.source order by l.source`,
  );
  const book = new TallyBook();
  for (const row of rows) {
    const tally = book.of(row.source);
    for (const figure of tallyFigures) tally[figure] = row[figure];
    tally.lastAtMs = row.lastAt.getTime();
    for (const [reason, count] of Object.entries(row.rejected)) tally.rejected.set(reason, count);
  }
  return book;
}

export interface RejectionQuery {
  readonly deviceId: string | null;
  readonly reason: string | null;
  readonly source: string | null;
  /** Ids below this one; null for the newest. */
  readonly before: number | null;
  readonly limit: number;
}

export interface RejectionRow {
  readonly id: number;
  readonly at: Date;
  readonly source: string;
  readonly address: string;
  readonly deviceId: string | null;
  readonly reason: string;
  readonly detail: string;
  readonly said: Said | null;
  readonly valueCount: number;
  readonly metrics: string[];
  readonly payload: Buffer;
  readonly payloadBytes: number;
}

/** The rejection book, newest first; the book itself is bounded. */
export async function listRejections(db: Queryable, query: RejectionQuery): Promise<RejectionRow[]> {
  const { rows } = await db.query<RejectionRow>(
    `select id, at, source, address, device_id as "deviceId", reason, detail, said, value_count as "valueCount", metrics,
       payload, payload_bytes as "payloadBytes"
     from rejection
     where ($1::text is null or device_id = $1) and ($2::text is null or reason = $2)
       and ($3::text is null or source = $3) and ($4::bigint is null or id < $4)
     order by id desc limit $5`,
    [query.deviceId, query.reason, query.source, query.before, query.limit],
  );
  return rows;
}

export interface DiscoveryRow {
  readonly deviceId: string;
  readonly packets: number;
  readonly metrics: string[];
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  readonly sample: Buffer;
}

/**
 * Devices in the discovery book, in order of id; the book itself is bounded. The sample is the newest packet with metrics,
 * since a bare status says nothing about what the device is.
 */
export async function listDiscoveries(
  db: Queryable,
  query: { after: string; limit: number; deviceId: string | null },
): Promise<DiscoveryRow[]> {
  const { rows } = await db.query<DiscoveryRow>(
    `select d.device_id as "deviceId", d.packets::int, d.first as "firstSeen", d.last as "lastSeen", p.payload as sample,
       array(select distinct m from discovery_packet q, unnest(q.metrics) m where q.device_id = d.device_id
             order by m) as metrics
     from (select device_id, count(*) as packets, min(received_at) as first, max(received_at) as last,
             coalesce(max(id) filter (where metrics <> '{}'), max(id)) as telling
           from discovery_packet where device_id > $1 and ($3::text is null or device_id = $3)
           group by device_id order by device_id limit $2) d
     join discovery_packet p on p.id = d.telling
     order by d.device_id`,
    [query.after, query.limit, query.deviceId],
  );
  return rows;
}

/** Devices that have something in the discovery book. */
export async function discoveredDevices(db: Queryable): Promise<DiscoveredDevice[]> {
  const { rows } = await db.query<DiscoveredDevice>(
    `select device_id as "deviceId", bool_or(metrics = '{}') as "hasOthers",
       coalesce(array_agg(distinct m) filter (where m is not null), '{}') as metrics
     from discovery_packet left join unnest(metrics) m on true group by device_id`,
  );
  return rows;
}

export interface DiscoveredDevice {
  readonly deviceId: string;
  readonly metrics: string[];
  /** Whether events or statuses are among what is kept. */
  readonly hasOthers: boolean;
}

export interface KeptPacket {
  readonly id: number;
  readonly receivedAt: Date;
  readonly source: string;
  readonly address: string;
  readonly metrics: string[];
  readonly content: Exclude<PacketContent, { kind: 'refused' }>;
  readonly payload: Buffer;
}

/** Packets kept of a device, oldest first. */
export async function readKept(
  db: Queryable,
  query: { deviceId: string; after: number; limit: number },
): Promise<KeptPacket[]> {
  const { rows } = await db.query<KeptPacket>(
    `select id, received_at as "receivedAt", source, address, metrics, content, payload from discovery_packet
     where device_id = $1 and id > $2 order by id limit $3`,
    [query.deviceId, query.after, query.limit],
  );
  return rows;
}

/** How much is kept of a device. */
export async function countKept(
  db: Queryable,
  deviceId: string,
): Promise<{ packets: number; values: number }> {
  return (await countKeptEach(db, [deviceId])).get(deviceId) ?? { packets: 0, values: 0 };
}

/** The same of many; a device of which nothing is kept is not in it. */
export async function countKeptEach(
  db: Queryable,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, { packets: number; values: number }>> {
  const { rows } = await db.query<{ deviceId: string; packets: number; values: number }>(
    `select device_id as "deviceId", count(*)::int as packets, coalesce(sum(value_count), 0)::int as values
     from discovery_packet where device_id = any($1) group by device_id`,
    [deviceIds],
  );
  return new Map(rows.map(({ deviceId, ...counts }) => [deviceId, counts]));
}

/** Takes packets out of the discovery book; returns what that was, by source. */
export async function deleteKept(
  client: Queryable,
  ids: readonly number[],
): Promise<{ source: string; packets: number; values: number }[]> {
  const { rows } = await client.query<{ source: string; packets: number; values: number }>(
    `with gone as (delete from discovery_packet where id = any($1::bigint[]) returning source, value_count)
     select source, count(*)::int as packets, sum(value_count)::int as values from gone group by source`,
    [ids],
  );
  return rows;
}

/** Names a metric that the device's class does not, or ignores one; the number of the point stays the same. */
export async function upsertPoint(
  db: Queryable,
  point: { deviceId: string; metric: string; ignored: boolean; definition: object | null },
): Promise<void> {
  await db.query(
    `insert into point (device_id, metric, ignored, definition) values ($1, $2, $3, $4)
     on conflict (device_id, metric) do update set ignored = excluded.ignored,
       definition = coalesce(excluded.definition, point.definition)`,
    [
      point.deviceId,
      point.metric,
      point.ignored,
      point.definition === null ? null : JSON.stringify(point.definition),
    ],
  );
}

export interface EventQuery {
  readonly deviceId: string | null;
  readonly type: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** Position of the last one seen; null for the newest. */
  readonly before: { readonly timeUs: number; readonly id: number } | null;
  readonly limit: number;
}

export interface EventRow {
  readonly id: number;
  readonly deviceId: string;
  readonly timeUs: number;
  readonly untimed: boolean;
  readonly type: string;
  readonly data: FieldEvent['data'];
}

/** Events, newest first; walks the index on time. */
export async function listEvents(db: Queryable, query: EventQuery): Promise<EventRow[]> {
  const { rows } = await db.query<EventRow>(
    `select event_id as id, device_id as "deviceId", (extract(epoch from time) * 1000000)::float8 as "timeUs", untimed,
       type, data
     from event
     where ($1::text is null or device_id = $1) and ($2::text is null or type = $2)
       and ($3::timestamptz is null or time >= $3) and ($4::timestamptz is null or time < $4)
       and ($5::float8 is null
         or (time, event_id) < (timestamptz 'epoch' + $5 * interval '1 microsecond', $6::bigint))
     order by time desc, event_id desc limit $7`,
    [
      query.deviceId,
      query.type,
      query.from,
      query.to,
      query.before?.timeUs ?? null,
      query.before?.id ?? null,
      query.limit,
    ],
  );
  return rows;
}
