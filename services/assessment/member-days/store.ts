import type { Queryable } from '#infra/postgres.ts';
import type { DaySegment } from '#schemas/local-time.ts';
import { readFoldedDays } from '../place-store.ts';

/** All SQL that tells why a day of a device is not good. Instants are epoch milliseconds; ranges are closed-open. */

/** Rows of one answer that are looked at; what goes beyond is not told. */
const rowsMost = 2_000;

interface Asked {
  readonly deviceIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** How a device stood from one instant to another. */
export interface StandingRow {
  readonly deviceId: string;
  readonly class: string;
  readonly lifecycle: 'planned' | 'in-service' | 'out-of-service' | 'retired';
  readonly fromMs: number;
  /** Null while it stands so. */
  readonly toMs: number | null;
}

export async function readStandings(db: Queryable, asked: Asked): Promise<StandingRow[]> {
  const { rows } = await db.query<StandingRow>(
    `select id as "deviceId", class, lifecycle, (extract(epoch from valid_from) * 1000)::float8 as "fromMs",
       case when valid_to < 'infinity' then (extract(epoch from valid_to) * 1000)::float8 end as "toMs"
     from device where id = any($1) and valid_from < $3 and valid_to > $2
     order by id, valid_from limit ${rowsMost}`,
    [asked.deviceIds, new Date(asked.fromMs), new Date(asked.toMs)],
  );
  return rows;
}

/** A time in which alarms of a device were kept quiet, and why. */
export interface HeldRow {
  readonly deviceId: string;
  readonly kind: 'shelved' | 'out-of-service' | 'suppressed';
  readonly fromMs: number;
  readonly toMs: number;
  readonly actor: string;
  readonly reason: string;
}

export async function readHeld(db: Queryable, asked: Asked): Promise<HeldRow[]> {
  const { rows } = await db.query<HeldRow>(
    `with held (object, kind, since, until, actor, reason) as (
       select object, kind, since, until, actor, reason from alarm_held where until > $2 and since < $3
       union all select object, kind, since, coalesce(until, $3), actor, reason from alarm_hold where since < $3
       union all select object, 'suppressed', suppressed_at, coalesce(cleared_at, $3),
           coalesce(suppressed_by, 'system'), suppressed_reason from alarm
         where suppressed_at < $3 and coalesce(cleared_at, $3) > $2 and device_id = any($1)
     ), own as (
       select split_part(split_part(object, '#', 1), '.', 1) as device_id, held.* from held
     )
     select device_id as "deviceId", kind, (extract(epoch from since) * 1000)::float8 as "fromMs",
       (extract(epoch from until) * 1000)::float8 as "toMs", actor, reason
     from own where device_id = any($1) and until > $2 order by since desc limit ${rowsMost}`,
    [asked.deviceIds, new Date(asked.fromMs), new Date(asked.toMs)],
  );
  return rows;
}

/** A time in which a device above, through which the device is heard, was away. */
export interface AwayRow {
  readonly deviceId: string;
  readonly parentId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Devices above are those that `parentId`, `gatewayId` or `recorderId` name, at any height; a ring of them ends. */
export async function readAway(db: Queryable, asked: Asked): Promise<AwayRow[]> {
  const { rows } = await db.query<AwayRow>(
    `with recursive above (child, id) as (
       select d.id, p.id from device d
       cross join lateral unnest(array[d.attributes ->> 'parentId', d.attributes ->> 'gatewayId',
         d.attributes ->> 'recorderId']) p (id)
       where d.id = any($1) and d.valid_from < $3 and d.valid_to > $2 and p.id is not null
       union
       select a.child, p.id from above a
       join device d on d.id = a.id and d.valid_from < $3 and d.valid_to > $2
       cross join lateral unnest(array[d.attributes ->> 'parentId', d.attributes ->> 'gatewayId',
         d.attributes ->> 'recorderId']) p (id)
       where p.id is not null
     )
     select a.child as "deviceId", l.device_id as "parentId",
       (extract(epoch from l.raised_at) * 1000)::float8 as "fromMs",
       (extract(epoch from coalesce(l.cleared_at, $3)) * 1000)::float8 as "toMs"
     from above a join alarm l on l.device_id = a.id and l.raised_at < $3 and coalesce(l.cleared_at, $3) > $2
     join alarm_rule r on r.id = l.rule_id and r.version = l.rule_version
     where a.id <> a.child
       and (l.object = l.device_id || '.online' or r.definition -> 'condition' ->> 'kind' = 'stale')
     order by l.raised_at desc limit ${rowsMost}`,
    [asked.deviceIds, new Date(asked.fromMs), new Date(asked.toMs)],
  );
  return rows;
}

/** What was stored of a point on one day. */
export interface DayValues {
  readonly count: number;
  readonly good: number;
  readonly max: number | null;
  readonly last: number | null;
}

/** Points whose raw readings are counted for days that are not folded yet. */
const rawPointsMost = 12;

/** For each point what each day holds; null where nothing is stored. One statement, and one for each day not yet folded. */
export async function readDayValues(
  db: Queryable,
  { pointIds, days }: { readonly pointIds: readonly number[]; readonly days: readonly DaySegment[] },
): Promise<Map<number, (DayValues | null)[]>> {
  const found = new Map(pointIds.map((id) => [id, days.map((): DayValues | null => null)]));
  const [first] = days;
  if (first === undefined || pointIds.length === 0) return found;
  const { rows } = await db.query<DayValues & { pointId: number; index: number }>(
    `select r.point_id as "pointId", r.day - $2::date as index, r.count, r.good, r.max, r.last from rollup_1d r
     where r.point_id = any($1) and r.day >= $2::date and r.day < $2::date + $3::int`,
    [pointIds, first.day, days.length],
  );
  for (const { pointId, index, ...values } of rows) found.get(pointId)?.splice(index, 1, values);
  const folded = await readFoldedDays(
    db,
    days.filter(({ complete }) => complete),
  );
  for (const [index, day] of days.entries()) {
    if (folded.has(day.day)) continue;
    for (const { pointId, ...values } of await readRawDay(db, pointIds.slice(0, rawPointsMost), day)) {
      found.get(pointId)?.splice(index, 1, values);
    }
  }
  return found;
}

async function readRawDay(
  db: Queryable,
  pointIds: readonly number[],
  { fromMs, toMs }: DaySegment,
): Promise<(DayValues & { pointId: number })[]> {
  const { rows } = await db.query<DayValues & { pointId: number }>(
    `select p.point_id as "pointId", c.count, c.good, c.max, c.last from unnest($1::int[]) p (point_id)
     cross join lateral (
       select count(*)::int as count, (count(*) filter (where quality = 0))::int as good,
         max(value) filter (where quality < 2) as max,
         (array_agg(value order by time desc) filter (where quality < 2))[1] as last
       from reading r where r.point_id = p.point_id and r.time >= $2 and r.time < $3) c
     where c.count > 0`,
    [pointIds, new Date(fromMs), new Date(toMs)],
  );
  return rows;
}
