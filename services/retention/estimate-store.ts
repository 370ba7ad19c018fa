import type { StoreDialect } from '#infra/migrate.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { PartedTable } from './store.ts';

/** The SQL behind the estimate of what raw readings take. */

export interface RawSize {
  readonly bytes: number;
  /** As the server's statistics have it; not exact. */
  readonly rows: number;
}

/** From the catalogue alone; reads no reading. */
export async function readRawSize(
  db: Queryable,
  dialect: StoreDialect,
  table: PartedTable,
): Promise<RawSize> {
  const { rows } = await db.query<RawSize>(dialect === 'plain' ? plainSizeSql : timescaleSizeSql, [table]);
  return rows[0] ?? { bytes: 0, rows: 0 };
}

const plainSizeSql = `
  select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes,
    coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 as rows
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = $1::regclass`;
const timescaleSizeSql = `
  select coalesce(hypertable_size($1::regclass), 0)::float8 as bytes,
    coalesce(approximate_row_count($1::regclass), 0)::float8 as rows`;

export interface ClassRate {
  readonly class: string;
  readonly points: number;
  readonly readingsPerDay: number;
}

/** Of the last seven closed days; in a park that has none, from its last two hours. */
export async function readClassRates(db: Queryable): Promise<ClassRate[]> {
  const { rows: closed } = await db.query<ClassRate>(closedDaysSql);
  if (closed.length > 0) return closed;
  const { rows } = await db.query<ClassRate>(lastHoursSql);
  return rows;
}

const newestClass = 'select distinct on (id) id, class from device order by id, valid_from desc';
const closedDaysSql = `
  with days as (select day from day_close order by day desc limit 7)
  select d.class, count(distinct f.point_id)::int as points,
    (sum(f.received) / (select count(*) from days))::float8 as "readingsPerDay"
  from point_day f join point p using (point_id) join (${newestClass}) d on d.id = p.device_id
  where f.day in (select day from days)
  group by d.class order by 3 desc`;
const lastHoursSql = `
  with recent as (
    select point_id, count, bucket from rollup_15m
    where bucket >= now() - interval '2 hours' and bucket < date_bin('15 minutes', now(), 'epoch'))
  select d.class, count(distinct r.point_id)::int as points,
    (sum(r.count) * 96.0 / (select count(distinct bucket) from recent))::float8 as "readingsPerDay"
  from recent r join point p using (point_id) join (${newestClass}) d on d.id = p.device_id
  group by d.class order by 3 desc`;
