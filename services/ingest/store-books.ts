import type { Queryable } from '#infra/postgres.ts';
import { limits } from '#schemas/limits.ts';
import type { DiscoveryEntry, EventEntry, RejectionEntry, StatusEntry } from './books.ts';
import { timestampText } from './store.ts';

/** The SQL of what is written beside the readings: rejections, discoveries, events, statuses. */

/** Rows the rejection book keeps; the oldest go first, the counts of the ledger stay. */
export const rejectionRows = 20_000;
/** A full discovery book is emptied to this share, so that not every packet has to make room. */
const discoveryRefill = 0.9;

export async function insertRejections(
  client: Queryable,
  rejections: readonly RejectionEntry[],
): Promise<void> {
  await client.query({
    name: 'insert-rejections',
    text: `insert into rejection
       (at, source, address, device_id, reason, detail, said, value_count, metrics, payload, payload_bytes)
     select at, source, address, device_id, reason, detail, said::jsonb, value_count, metrics, decode(payload, 'base64'),
       payload_bytes
     from json_to_recordset($1::json) as x(at timestamptz, source text, address text, device_id text, reason text,
       detail text, said text, value_count int, metrics text[], payload text, payload_bytes int)`,
    values: [
      JSON.stringify(
        rejections.map((entry) => ({
          at: isoTime(entry.atMs),
          source: entry.source,
          address: entry.address,
          device_id: entry.deviceId,
          reason: entry.reason,
          detail: entry.detail,
          said: entry.said,
          value_count: entry.valueCount,
          metrics: entry.metrics,
          payload: base64(entry.payload),
          payload_bytes: entry.payloadBytes,
        })),
      ),
    ],
  });
}

/** Lets go of the oldest rejections beyond what the book keeps. */
export async function evictRejections(db: Queryable, rows: number): Promise<void> {
  await db.query(
    `delete from rejection where id <= (select id from rejection order by id desc offset $1 limit 1)`,
    [rows],
  );
}

export async function insertDiscoveries(
  client: Queryable,
  entries: readonly DiscoveryEntry[],
): Promise<void> {
  await client.query({
    name: 'insert-discoveries',
    text: `insert into discovery_packet
       (device_id, received_at, source, address, metrics, content, payload, size_bytes, value_count)
     select device_id, received_at, source, address, metrics, content::jsonb, decode(payload, 'base64'), size_bytes,
       value_count
     from json_to_recordset($1::json) as x(device_id text, received_at timestamptz, source text, address text,
       metrics text[], content text, payload text, size_bytes int, value_count int)`,
    values: [
      JSON.stringify(
        entries.map((entry) => ({
          device_id: entry.deviceId,
          received_at: isoTime(entry.receivedAtMs),
          source: entry.source,
          address: entry.address,
          metrics: entry.metrics,
          content: entry.content,
          payload: base64(entry.payload),
          size_bytes: entry.sizeBytes,
          value_count: entry.valueCount,
        })),
      ),
    ],
  });
}

/** What had to go from the discoveries, by source. */
export interface Evicted {
  readonly source: string;
  readonly values: number;
}

/** Lets go of what these devices have kept beyond their number of packets, oldest first. */
export async function evictByDevice(client: Queryable, deviceIds: readonly string[]): Promise<Evicted[]> {
  const { rows } = await client.query<Evicted>({
    name: 'evict-by-device',
    text: `with gone as (
       delete from discovery_packet p using (
         select d.device_id, (select q.id from discovery_packet q where q.device_id = d.device_id
                              order by q.id desc offset $2 limit 1) as last
         from unnest($1::text[]) d(device_id)) x
       where p.device_id = x.device_id and p.id <= x.last
       returning p.source, p.value_count)
     select source, sum(value_count)::float8 as values from gone group by source`,
    values: [deviceIds, limits.discoveryPacketsPerDevice],
  });
  return rows;
}

/** Lets go of the oldest discoveries when all of them together are too many bytes. */
export async function evictBySize(client: Queryable, mostBytes: number): Promise<Evicted[]> {
  const { rows } = await client.query<Evicted>({
    name: 'evict-by-size',
    text: `with sized as (select id, sum(size_bytes) over (order by id desc) as total from discovery_packet),
       gone as (
         delete from discovery_packet p using sized s
         where p.id = s.id and s.total > $1 * $2::float8 and (select max(total) from sized) > $1
         returning p.source, p.value_count)
     select source, sum(value_count)::float8 as values from gone group by source`,
    values: [mostBytes, discoveryRefill],
  });
  return rows;
}

/** Lets go of discoveries that nobody adopted in time. */
export async function evictByAge(client: Queryable, beforeMs: number): Promise<Evicted[]> {
  const { rows } = await client.query<Evicted>(
    `with gone as (delete from discovery_packet where received_at < $1 returning source, value_count)
     select source, sum(value_count)::float8 as values from gone group by source`,
    [new Date(beforeMs)],
  );
  return rows;
}

/** Stores events that are not stored yet; returns how many of each source were new. */
export async function insertEvents(
  client: Queryable,
  events: readonly EventEntry[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ source: string; count: number }>({
    name: 'insert-events',
    text: `with stored as (
       insert into event (device_id, time, untimed, type, event_key, data, source)
       select device_id, time, untimed, type, key, data::jsonb, source
       from json_to_recordset($1::json) as x(place int, device_id text, time timestamptz, untimed boolean,
         type text, key text, data text, source text)
       order by place
       on conflict do nothing
       returning source)
     select source, count(*)::int as count from stored group by source`,
    values: [
      JSON.stringify(
        events.map((event, place) => ({
          place,
          device_id: event.deviceId,
          time: isoTime(event.timeMs),
          untimed: event.untimed,
          type: event.type,
          key: event.key,
          data: event.data,
          source: event.source,
        })),
      ),
    ],
  });
  return new Map(rows.map(({ source, count }) => [source, count]));
}

/** Keeps the newest word of each device and when it was heard. */
export async function upsertStatuses(client: Queryable, statuses: readonly StatusEntry[]): Promise<void> {
  await client.query({
    name: 'upsert-statuses',
    text: `insert into device_status as d (device_id, status, status_at, source, last_seen)
     select device_id, status, status_at, source, last_seen
     from json_to_recordset($1::json) as x(device_id text, status text, status_at timestamptz, source text,
       last_seen timestamptz)
     order by device_id
     on conflict (device_id) do update set
       status = case when excluded.status_at >= coalesce(d.status_at, '-infinity') then excluded.status
                else d.status end,
       status_at = greatest(d.status_at, excluded.status_at),
       source = excluded.source,
       last_seen = greatest(d.last_seen, excluded.last_seen)`,
    values: [
      JSON.stringify(
        statuses.map((entry) => ({
          device_id: entry.deviceId,
          status: entry.status,
          status_at: entry.status === null ? null : isoTime(entry.statusAtMs),
          source: entry.source,
          last_seen: entry.lastSeenMs === null ? null : isoTime(entry.lastSeenMs),
        })),
      ),
    ],
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** RFC 3339 of epoch milliseconds, fractions down to 1 µs kept. */
function isoTime(timeMs: number): string {
  return timestampText(Math.round(timeMs * 1000));
}
