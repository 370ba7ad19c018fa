import type { Queryable } from '#infra/postgres.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { EnvironmentMedium } from '#schemas/environment-media.ts';
import type { DaySegment } from '#schemas/local-time.ts';
import type { Provenance } from '#schemas/reading.ts';
import { readFoldedDays, readFoldedGood } from './place-store.ts';

/** All SQL by which measures read the park. Instants are epoch milliseconds; ranges are closed-open. */

interface DeviceRow {
  readonly deviceId: string;
  readonly name: string;
  readonly class: string;
  readonly provenance: Provenance;
  readonly fromMs: number;
  /** Null while the row is the current one. */
  readonly toMs: number | null;
}

/**
 * Every time in service, up to `toMs`, of the devices that were in service at some time of the range; by device, in
 * order of time. An edit of a device makes a new row, so neighbours may touch.
 */
export async function readServiceRows(
  db: Queryable,
  query: { classes: readonly string[]; fromMs: number; toMs: number; limit: number },
): Promise<DeviceRow[]> {
  const { rows } = await db.query<DeviceRow>(
    `select d.id as "deviceId", d.name, d.class, d.provenance,
       (extract(epoch from d.valid_from) * 1000)::float8 as "fromMs",
       case when d.valid_to < 'infinity' then (extract(epoch from d.valid_to) * 1000)::float8 end as "toMs"
     from device d
     where d.class = any($1) and d.lifecycle = 'in-service' and d.valid_from < $3
       and exists (select 1 from device o where o.id = d.id and o.class = any($1) and o.lifecycle = 'in-service'
                   and o.valid_from < $3 and o.valid_to > $2)
     order by d.id, d.valid_from
     limit $4`,
    [query.classes, new Date(query.fromMs), new Date(query.toMs), query.limit],
  );
  return rows;
}

/** Devices left out at some time of the range, with the newest reason, by what they are left out of: a measure or an item. */
export async function readExclusions(
  db: Queryable,
  query: { fromMs: number; toMs: number },
): Promise<Map<string, Map<string, Bilingual>>> {
  const { rows } = await db.query<{ measure: string; deviceId: string; zh: string; en: string }>(
    `select distinct on (measure, device_id) measure, device_id as "deviceId", reason_zh as zh, reason_en as en
     from exclusion
     where valid_from < $2 and valid_to > $1
     order by measure, device_id, id desc`,
    [new Date(query.fromMs), new Date(query.toMs)],
  );
  const found = new Map<string, Map<string, Bilingual>>();
  for (const { measure, deviceId, zh, en } of rows) {
    const own = found.get(measure) ?? new Map<string, Bilingual>();
    found.set(measure, own.set(deviceId, { zh, en }));
  }
  return found;
}

export interface PointRef {
  readonly pointId: number;
  readonly deviceId: string;
  readonly metric: string;
}

/** The points of devices that have one of the metrics. */
export async function readPoints(
  db: Queryable,
  query: { deviceIds: readonly string[]; metrics: readonly string[] },
): Promise<PointRef[]> {
  const { rows } = await db.query<PointRef>(
    `select point_id as "pointId", device_id as "deviceId", metric
     from point where device_id = any($1) and metric = any($2)
     order by device_id, metric`,
    [query.deviceIds, query.metrics],
  );
  return rows;
}

/**
 * Good readings of each point on each of consecutive local days, in their order. The one door through which measures see
 * what arrived: whole days that are folded are read from rollups, in one statement, all others from raw readings.
 * @param query.need `any` answers 0 or 1 and looks at as little as that takes; `count` counts
 */
export async function dayFacts(
  db: Queryable,
  query: { pointIds: readonly number[]; days: readonly DaySegment[]; need: 'any' | 'count' },
): Promise<Map<number, number[]>> {
  const { pointIds, days, need } = query;
  const [first] = days;
  if (first === undefined) return new Map(pointIds.map((pointId) => [pointId, []]));
  const folded = await readFoldedDays(
    db,
    days.filter(({ complete }) => complete),
  );
  const known = await readFoldedGood(db, { pointIds, firstDay: first.day, days: days.length, need });
  const found = new Map(pointIds.map((id) => [id, known.get(id) ?? days.map(() => 0)]));
  // A statement a day: planned for that day's partitions alone. One for all days took 15 to 100 times as long.
  for (const [index, day] of days.entries()) {
    if (folded.has(day.day)) continue;
    for (const counts of found.values()) counts[index] = 0;
    for (const { pointId, good } of await readRawGood(db, { ...day, pointIds, need })) {
      const counts = found.get(pointId);
      if (counts !== undefined) counts[index] = need === 'any' ? Math.min(good, 1) : good;
    }
  }
  return found;
}

interface GoodRow {
  readonly pointId: number;
  readonly good: number;
}

async function readRawGood(
  db: Queryable,
  query: { pointIds: readonly number[]; fromMs: number; toMs: number; need: 'any' | 'count' },
): Promise<GoodRow[]> {
  const { rows } = await db.query<GoodRow>(query.need === 'any' ? anyGoodSql : countGoodSql, [
    query.pointIds,
    new Date(query.fromMs),
    new Date(query.toMs),
  ]);
  return rows;
}

const anyGoodSql = `
  select p.point_id as "pointId", 1 as good
  from unnest($1::int[]) p (point_id)
  where exists (select 1 from reading r
    where r.point_id = p.point_id and r.time >= $2 and r.time < $3 and r.quality = 0)`;

const countGoodSql = `
  select p.point_id as "pointId", c.good
  from unnest($1::int[]) p (point_id)
  cross join lateral (select count(*) as good from reading r
    where r.point_id = p.point_id and r.time >= $2 and r.time < $3 and r.quality = 0) c
  where c.good > 0`;

/**
 * For each day, whether this system stored any reading of any point of the park at all: where it did not, nobody
 * watched, and the silence of a device tells nothing of the device.
 */
export async function readWatched(db: Queryable, days: readonly DaySegment[]): Promise<boolean[]> {
  const watched: boolean[] = [];
  const folded = await readFoldedDays(db, days);
  for (const { day, fromMs, toMs } of days) {
    if (folded.has(day)) {
      watched.push(true);
      continue;
    }
    // Point by point, by the key of `reading`, which has no order by time alone; the first hit ends it.
    const { rows } = await db.query<{ any: boolean }>(
      `select exists (select 1 from point p cross join lateral (
         select 1 from reading r where r.point_id = p.point_id and r.time >= $1 and r.time < $2 limit 1) hit) as any`,
      [new Date(fromMs), new Date(toMs)],
    );
    watched.push(rows[0]?.any === true);
  }
  return watched;
}

/**
 * Source time of the oldest reading of each point before `beforeMs`, whether it is still stored or only its day is known;
 * points without one are absent.
 */
export async function readFirstTimes(
  db: Queryable,
  query: { pointIds: readonly number[]; beforeMs: number },
): Promise<Map<number, number>> {
  const { rows } = await db.query<{ pointId: number; timeMs: number }>(
    `select p.point_id as "pointId", (extract(epoch from least(f.time, d.first_time)) * 1000)::float8 as "timeMs"
     from unnest($1::int[]) p (point_id)
     left join lateral (select time from reading r where r.point_id = p.point_id and r.time < $2
                        order by r.time limit 1) f on true
     left join lateral (select first_time from point_day d where d.point_id = p.point_id
                        order by d.day limit 1) d on d.first_time < $2
     where f.time is not null or d.first_time is not null`,
    [query.pointIds, new Date(query.beforeMs)],
  );
  return new Map(rows.map(({ pointId, timeMs }) => [pointId, timeMs]));
}

/**
 * The newest good reading of each point before `beforeMs`: among those that are stored, else as closed days know it;
 * points without one are absent.
 */
export async function readNewestGood(
  db: Queryable,
  query: { pointIds: readonly number[]; beforeMs: number },
): Promise<Map<number, { timeMs: number; value: number }>> {
  const { rows } = await db.query<{ pointId: number; timeMs: number; value: number }>(
    `select p.point_id as "pointId", (extract(epoch from coalesce(n.time, d.time)) * 1000)::float8 as "timeMs",
       coalesce(n.value, d.value) as value
     from unnest($1::int[]) p (point_id)
     left join lateral (select time, value from reading r
                        where r.point_id = p.point_id and r.time < $2 and r.quality = 0
                        order by r.time desc limit 1) n on true
     left join lateral (select last_good_time as time, last_good as value from point_day f
                        where n.time is null and f.point_id = p.point_id and f.last_good_time < $2
                        order by f.day desc limit 1) d on true
     where n.time is not null or d.time is not null`,
    [query.pointIds, new Date(query.beforeMs)],
  );
  return new Map(rows.map(({ pointId, timeMs, value }) => [pointId, { timeMs, value }]));
}

/** Servings of the public board whose newest value was at most `freshMs` old, by medium. */
export async function readServings(
  db: Queryable,
  query: { fromMs: number; toMs: number; freshMs: number },
): Promise<{ medium: EnvironmentMedium; servings: number; firstMs: number; lastMs: number }[]> {
  const { rows } = await db.query<{
    medium: EnvironmentMedium;
    servings: number;
    firstMs: number;
    lastMs: number;
  }>(
    `select medium, sum(servings)::int8 as servings,
       (extract(epoch from min(minute)) * 1000)::float8 as "firstMs",
       (extract(epoch from max(minute)) * 1000)::float8 as "lastMs"
     from board_serving
     where minute >= $1 and minute < $2 and newest_time > minute - $3 * interval '1 ms'
     group by medium order by medium`,
    [new Date(query.fromMs), new Date(query.toMs), query.freshMs],
  );
  return rows;
}
