import type { Queryable } from '#infra/postgres.ts';
import type { DaySegment } from '#schemas/local-time.ts';
import type { Provenance } from '#schemas/reading.ts';

/**
 * The SQL by which measures read where devices stand and on which days they delivered. One statement answers for all
 * devices and all days that are folded; only days that are not yet are read one by one, from raw readings. Instants are
 * epoch milliseconds; ranges are closed-open.
 */

export interface PlacedRow {
  readonly deviceId: string;
  readonly name: string;
  readonly class: string;
  readonly provenance: Provenance;
  readonly spaceId: string | null;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly fromMs: number;
  /** Null while the row is the current one. */
  readonly toMs: number | null;
}

/** Like readServiceRows, with where each device stood and what is written of it. */
export async function readPlacedRows(
  db: Queryable,
  query: { classes: readonly string[]; fromMs: number; toMs: number; limit: number },
): Promise<PlacedRow[]> {
  const { rows } = await db.query<PlacedRow>(
    `select d.id as "deviceId", d.name, d.class, d.provenance, d.space_id as "spaceId", d.attributes,
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

export interface DeclaredRow {
  readonly spaceId: string;
  readonly name: string;
  readonly tags: readonly string[];
  /** The space itself and everything below it. */
  readonly within: readonly string[];
}

/** Spaces that carry one of the tags at an instant, with all that lies in them. */
export async function readDeclaredSpaces(
  db: Queryable,
  query: { tags: readonly string[]; atMs: number },
): Promise<DeclaredRow[]> {
  const { rows } = await db.query<DeclaredRow>(
    `with recursive standing as materialized (
       select id, parent_id, name, tags from space where valid_from < $2 and valid_to >= $2
     ), below (root, id) as (
       select id, id from standing where tags && $1
       union
       select b.root, s.id from below b join standing s on s.parent_id = b.id
     )
     select s.id as "spaceId", s.name, s.tags, array_agg(b.id order by b.id) as within
     from below b join standing s on s.id = b.root
     group by s.id, s.name, s.tags order by s.id`,
    [query.tags, new Date(query.atMs)],
  );
  return rows;
}

export interface SpaceRow {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly kind: string;
  readonly areaM2: number | null;
}

/** The spaces of the park at an instant, by id. */
export async function readSpacesAt(
  db: Queryable,
  query: { atMs: number; limit: number },
): Promise<SpaceRow[]> {
  const { rows } = await db.query<SpaceRow>(
    `select id, parent_id as "parentId", name, kind, area_m2 as "areaM2" from space
     where valid_from < $1 and valid_to >= $1 order by id limit $2`,
    [new Date(query.atMs), query.limit],
  );
  return rows;
}

/** Which of the days are folded for good: nothing that came since waits to be folded, too. */
export async function readFoldedDays(db: Queryable, days: readonly DaySegment[]): Promise<Set<string>> {
  const { rows } = await db.query<{ day: string }>(
    `select d.day from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) d (day, from_time, to_time)
     where exists (select from rollup_15m_day r where r.day = d.day::date)
       and not exists (select from dirty_bucket b where b.bucket >= d.from_time and b.bucket < d.to_time)
       and not exists (select from rollup_15m r where r.bucket >= d.from_time and r.bucket < d.to_time)`,
    [
      days.map(({ day }) => day),
      days.map(({ fromMs }) => new Date(fromMs)),
      days.map(({ toMs }) => new Date(toMs)),
    ],
  );
  return new Set(rows.map(({ day }) => day));
}

/** Days of a device, as a text of 0 and 1, and the fewest good readings of a day that is marked. */
export interface FoldedMarks {
  readonly marks: string;
  readonly least: number;
}

/**
 * For each device the days on which the metric has at least `perDay` good readings, out of folded days. Devices without
 * any such day are absent.
 */
export async function readFoldedMarks(
  db: Queryable,
  query: { deviceIds: readonly string[]; metric: string; firstDay: string; days: number; perDay: number },
): Promise<Map<string, FoldedMarks>> {
  const { rows } = await db.query<{ deviceId: string; marks: string | null; least: number }>(
    // Point by point, by the key, which holds all that is asked: the whole table of a large park is never read. Days are
    // counted first, and told one by one only where some are missing.
    `select p.device_id as "deviceId", c.least, case when c.days < $4::int then (
         select bit_or(set_bit(repeat('0', $4::int)::varbit, r.day - $3::date, 1)) from rollup_1d r
         where r.point_id = p.point_id and r.day >= $3::date and r.day < $3::date + $4::int and r.good >= $5
       )::text end as marks
     from point p
     cross join lateral (
       select count(*)::int as days, min(r.good) as least from rollup_1d r
       where r.point_id = p.point_id and r.day >= $3::date and r.day < $3::date + $4::int and r.good >= $5) c
     where p.device_id = any($1) and p.metric = $2 and c.days > 0`,
    [query.deviceIds, query.metric, query.firstDay, query.days, query.perDay],
  );
  const all = '1'.repeat(query.days);
  return new Map(rows.map(({ deviceId, marks, least }) => [deviceId, { marks: marks ?? all, least }]));
}

/**
 * For each point its good readings by day, as an array in the order of the days, out of folded days; of `any` no more than
 * 0 or 1. Points without any are absent.
 */
export async function readFoldedGood(
  db: Queryable,
  query: { pointIds: readonly number[]; firstDay: string; days: number; need: 'any' | 'count' },
): Promise<Map<number, number[]>> {
  const { pointIds, firstDay, days, need } = query;
  const { rows } = await db.query<{ pointId: number; found: string | [number, number][] }>(
    need === 'any' ? foldedAnySql : foldedCountSql,
    [pointIds, firstDay, days],
  );
  return new Map(
    rows.map(({ pointId, found }) => {
      if (typeof found === 'string') return [pointId, Array.from(found, Number)];
      const good = Array.from({ length: days }, () => 0);
      for (const [index, count] of found) good[index] = count;
      return [pointId, good];
    }),
  );
}

const foldedAnySql = `
  select p.point_id as "pointId", m.found::text as found from unnest($1::int[]) p (point_id)
  cross join lateral (
    select bit_or(set_bit(repeat('0', $3::int)::varbit, r.day - $2::date, 1)) as found from rollup_1d r
    where r.point_id = p.point_id and r.day >= $2::date and r.day < $2::date + $3::int and r.good > 0) m
  where m.found is not null`;

const foldedCountSql = `
  select p.point_id as "pointId", m.found from unnest($1::int[]) p (point_id)
  cross join lateral (
    select json_agg(json_build_array(r.day - $2::date, r.good)) as found from rollup_1d r
    where r.point_id = p.point_id and r.day >= $2::date and r.day < $2::date + $3::int and r.good > 0) m
  where m.found is not null`;

/** The devices of which the metric has at least `perDay` good readings within a range, out of raw readings. */
export async function readRawMarks(
  db: Queryable,
  query: {
    deviceIds: readonly string[];
    metric: string;
    fromMs: number;
    toMs: number;
    perDay: number;
  },
): Promise<Set<string>> {
  const { rows } = await db.query<{ deviceId: string }>(
    // The n-th reading in order of the key, and no further: a day of one a second is not counted for "any".
    `select p.device_id as "deviceId" from point p
     where p.device_id = any($1) and p.metric = $2
       and exists (select from reading r
         where r.point_id = p.point_id and r.time >= $3 and r.time < $4 and r.quality = 0
         offset $5::int - 1)`,
    [query.deviceIds, query.metric, new Date(query.fromMs), new Date(query.toMs), query.perDay],
  );
  return new Set(rows.map(({ deviceId }) => deviceId));
}

/**
 * Seconds of the range that alarms of each device were shelved, suppressed (planned work, a parent that is down) or taken
 * out of service; times of several alarms that overlap count once. Devices without any are absent.
 */
export async function readHeldSeconds(
  db: Queryable,
  query: { fromMs: number; toMs: number },
): Promise<Map<string, number>> {
  const { rows } = await db.query<{ deviceId: string; heldS: number }>(
    `with held (object, since, until) as (
       select object, since, until from alarm_held where until > $1 and since < $2
       union all select object, since, coalesce(until, $2) from alarm_hold where since < $2
       union all select object, suppressed_at, coalesce(cleared_at, $2) from alarm
         where suppressed_at < $2 and coalesce(cleared_at, $2) > $1
     ), united as (
       select split_part(split_part(object, '#', 1), '.', 1) as device_id,
         range_agg(tstzrange(greatest(since, $1), greatest($1, least(until, $2)))) as spans
       from held group by 1
     )
     select device_id as "deviceId", sum(extract(epoch from upper(s) - lower(s)))::float8 as "heldS"
     from united, unnest(spans) s group by 1 having sum(extract(epoch from upper(s) - lower(s))) > 0`,
    [new Date(query.fromMs), new Date(query.toMs)],
  );
  return new Map(rows.map(({ deviceId, heldS }) => [deviceId, heldS]));
}
