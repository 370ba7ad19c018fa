import type { Queryable } from '#infra/postgres.ts';
import { severities, type Severity } from '#schemas/device-class.ts';

/** SQL of class boards. */

/** Active alarms that call for somebody, by device: the worst, and how many. Reads open alarms only. */
export async function readActiveAlarms(
  db: Queryable,
  deviceIds: readonly string[],
): Promise<Map<string, { severity: Severity; count: number }>> {
  const { rows } = await db.query<{ deviceId: string; worst: number; count: number }>(
    `select a.device_id as "deviceId", min(array_position($2::text[], a.severity)) as worst, count(*)::int as count
     from alarm a
     where not a.settled and a.cleared_at is null and a.suppressed_at is null and a.device_id = any($1::text[])
       and not exists (select from alarm_hold h where h.rule_id = a.rule_id and h.object = a.object)
     group by a.device_id`,
    [deviceIds, severities],
  );
  return new Map(
    rows.map(({ deviceId, worst, count }) => [deviceId, { severity: severities[worst - 1] ?? 'low', count }]),
  );
}

export interface FeedRow {
  readonly id: number;
  readonly timeUs: number;
  readonly type: string;
  readonly deviceId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Events of these devices, newest first: a few of each by index, however many there are. */
export async function readFeed(
  db: Queryable,
  query: {
    readonly deviceIds: readonly string[];
    readonly types: readonly string[];
    readonly sinceMs: number;
    readonly before: { readonly timeUs: number; readonly id: number } | null;
    readonly limit: number;
  },
): Promise<FeedRow[]> {
  const { rows } = await db.query<FeedRow>(
    `select e.* from unnest($1::text[]) d(id)
     cross join lateral (
       select event_id as id, (extract(epoch from time) * 1000000)::float8 as "timeUs", type,
         device_id as "deviceId", data, time
       from event
       where device_id = d.id and type = any($2::text[]) and time >= $3
         and ($4::float8 is null
           or (time, event_id) < (timestamptz 'epoch' + $4 * interval '1 microsecond', $5::bigint))
       order by time desc, event_id desc limit $6) e
     order by e.time desc, e.id desc limit $6`,
    [
      query.deviceIds,
      query.types,
      new Date(query.sinceMs),
      query.before?.timeUs ?? null,
      query.before?.id ?? null,
      query.limit,
    ],
  );
  return rows;
}
