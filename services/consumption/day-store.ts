import type { Queryable } from '#infra/postgres.ts';
import type { ConsumptionPart } from './parts.ts';

/** SQL of consumption that is kept by local day and month. Times are epoch µs; infinite ones are `infinity`. */

export type DueCause = 'reading' | 'late-book' | 'replacement' | 'review' | 'facts';

/** How far a counter's days reach. */
export interface Head {
  readonly pointId: number;
  /** Before it there is neither a sample nor a recorded replacement. */
  readonly sinceUs: number;
  /** Days from here to before `nextDay` are kept, `YYYY-MM-DD`. */
  readonly firstDay: string;
  readonly nextDay: string;
  readonly facts: string;
}

/** Something changed then. */
export interface Due {
  readonly pointId: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** A day or a month as it is kept. */
export interface KeptPart extends Pick<ConsumptionPart, 'value' | 'coveredUs' | 'bits'> {
  readonly pointId: number;
  /** The day, or the first of the month. */
  readonly day: string;
  readonly dependsFromUs: number;
  readonly dependsToUs: number;
}

export interface Quarters {
  readonly values: readonly (number | null)[];
  readonly coveredUs: readonly number[];
  readonly bits: readonly number[];
}

export interface KeptDay extends KeptPart {
  readonly quarters: Quarters;
}

export interface ComputedDay extends KeptDay {
  readonly computedAt: Date;
}

const us = (column: string) => `round(extract(epoch from ${column}) * 1e6)::float8`;
const instant = (place: string) => `case ${place}::float8 when 'infinity' then timestamptz 'infinity'
     when '-infinity' then timestamptz '-infinity'
     else timestamptz 'epoch' + ${place}::float8 * interval '1 microsecond' end`;
const dayText = (column: string) => `to_char(${column}, 'YYYY-MM-DD')`;

const headColumns = `point_id as "pointId", ${us('since')} as "sinceUs", ${dayText('first_day')} as "firstDay",
  ${dayText('next_day')} as "nextDay", facts`;

export async function readHeads(db: Queryable, pointIds: readonly number[]): Promise<Head[]> {
  const { rows } = await db.query<Head>(
    `select ${headColumns} from consumption_head where point_id = any($1)`,
    [pointIds],
  );
  return rows;
}

/** Those whose next day is over, after a point number, in order. */
export async function readHeadsBehind(
  db: Queryable,
  query: { readonly today: string; readonly after: number; readonly most: number },
): Promise<Head[]> {
  const { rows } = await db.query<Head>(
    `select ${headColumns} from consumption_head where next_day < $1 and point_id > $2 order by point_id limit $3`,
    [query.today, query.after, query.most],
  );
  return rows;
}

/** Of these points, those without a head. */
export async function readHeadless(db: Queryable, pointIds: readonly number[]): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select p.id from unnest($1::int[]) p (id)
     where not exists (select from consumption_head h where h.point_id = p.id) order by 1`,
    [pointIds],
  );
  return rows.map(({ id }) => id);
}

/** Where each counter begins: its first sample, or a replacement that was recorded before it; Infinity without either. */
export async function readFirst(db: Queryable, pointIds: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; sinceUs: number }>(
    `select p.id, ${us("least(k.time, r.time, l.time, x.at, timestamptz 'infinity')")} as "sinceUs"
     from unnest($1::int[]) p (id)
     left join lateral (select time from register_knot where point_id = p.id order by time limit 1) k on true
     left join lateral (select time from reading where point_id = p.id order by time limit 1) r on true
     left join lateral (select time from reading_late where point_id = p.id order by time limit 1) l on true
     left join lateral (select min(at) as at from register_replacement
       where point_id = p.id and valid_to = 'infinity') x on true`,
    [pointIds],
  );
  return new Map(rows.map(({ id, sinceUs }) => [id, sinceUs]));
}

export async function writeHead(client: Queryable, head: Head): Promise<void> {
  await client.query(
    `insert into consumption_head (point_id, since, first_day, next_day, facts)
     values ($1, ${instant('$2')}, $3, $4, $5)
     on conflict (point_id) do update set since = excluded.since, first_day = excluded.first_day,
       next_day = excluded.next_day, facts = excluded.facts`,
    [head.pointId, head.sinceUs, head.firstDay, head.nextDay, head.facts],
  );
}

/** Notes that something changed, in the transaction of the change. */
export async function insertDue(client: Queryable, cause: DueCause, due: readonly Due[]): Promise<void> {
  await client.query(
    `insert into consumption_due (point_id, from_time, to_time, cause)
     select id, ${instant('f')}, ${instant('t')}, $4
     from unnest($1::int[], $2::float8[], $3::float8[]) d (id, f, t)`,
    [due.map((one) => one.pointId), due.map((one) => one.fromUs), due.map((one) => one.toUs), cause],
  );
}

/**
 * Notes that readings of a bucket changed, for the counters of which a kept day depends on them.
 * @param bucket.pointIds null is all that have readings in it
 */
export async function noteBucket(
  client: Queryable,
  bucket: { readonly fromMs: number; readonly toMs: number; readonly pointIds: readonly number[] | null },
  cause: DueCause = 'reading',
): Promise<void> {
  const [from, to] = [new Date(bucket.fromMs), new Date(bucket.toMs)];
  const isTouched =
    bucket.pointIds === null
      ? 'exists (select from rollup_15m c where c.point_id = h.point_id and c.bucket = $1)'
      : 'h.point_id = any($4::int[])';
  await client.query(
    `insert into consumption_due (point_id, from_time, to_time, cause)
     select h.point_id, $1::timestamptz, $2::timestamptz - interval '1 us', $3 from consumption_head h
     where ${isTouched} and (h.since > $1::timestamptz or exists (select from consumption_day d
       where d.point_id = h.point_id and d.depends_to >= $1::timestamptz and d.depends_from < $2::timestamptz))`,
    bucket.pointIds === null ? [from, to, cause] : [from, to, cause, bucket.pointIds],
  );
}

/** Those that have waited longest first, without those that are to wait on. */
export async function readDuePoints(
  db: Queryable,
  { most, without }: { most: number; without: readonly number[] },
): Promise<number[]> {
  // Of the oldest rows: after a back-fill there are many of each point, and all of them need not be counted for some.
  const { rows } = await db.query<{ id: number }>(
    `select point_id as id from (
       select point_id, id from consumption_due where point_id <> all($2::int[]) order by id limit $3) oldest
     group by point_id order by min(id) limit $1`,
    [most, without, most * dueRowsOfOne],
  );
  return rows.map(({ id }) => id);
}

const dueRowsOfOne = 100;

/** What is due of these points. */
export async function readDue(db: Queryable, pointIds: readonly number[]): Promise<Due[]> {
  const { rows } = await db.query<Due>(
    `select point_id as "pointId", ${us('from_time')} as "fromUs", ${us('to_time')} as "toUs"
     from consumption_due where point_id = any($1)`,
    [pointIds],
  );
  return rows;
}

/** Takes what is due of a point: whoever takes it computes it in the same transaction. */
export async function takeDue(
  client: Queryable,
  pointId: number,
): Promise<(Due & { readonly cause: DueCause })[]> {
  const { rows } = await client.query<Due & { cause: DueCause }>(
    `delete from consumption_due where point_id = $1
     returning point_id as "pointId", ${us('from_time')} as "fromUs", ${us('to_time')} as "toUs", cause`,
    [pointId],
  );
  return rows;
}

/**
 * Buckets that wait for the rollup job and hold readings of these points; a running one names no points, so they are
 * looked for in it.
 */
export async function readDirtyOf(db: Queryable, pointIds: readonly number[]): Promise<Due[]> {
  const { rows } = await db.query<Due>(
    `select p.id as "pointId", ${us('d.bucket')} as "fromUs", ${us("d.bucket + interval '15 minutes'")} - 1 as "toUs"
     from (select bucket, point_ids from dirty_bucket where point_ids is not null
       union select distinct bucket, null::int[] from dirty_bucket where point_ids is null) d
     join unnest($1::int[]) p (id) on d.point_ids is null or p.id = any(d.point_ids)
     where d.point_ids is not null or exists (select from reading r
       where r.point_id = p.id and r.time >= d.bucket and r.time < d.bucket + interval '15 minutes')`,
    [pointIds],
  );
  return rows;
}

const partColumns = (day: string) =>
  `point_id as "pointId", ${dayText(day)} as day, value, covered_us::float8 as "coveredUs", bits,
   ${us('depends_from')} as "dependsFromUs", ${us('depends_to')} as "dependsToUs"`;

/** Days first to last, inclusive. */
export async function readDays(
  db: Queryable,
  query: { readonly pointIds: readonly number[]; readonly first: string; readonly last: string },
): Promise<KeptPart[]> {
  const { rows } = await db.query<KeptPart>(
    `select ${partColumns('day')} from consumption_day where point_id = any($1) and day between $2 and $3`,
    [query.pointIds, query.first, query.last],
  );
  return rows;
}

/** Days of a counter in some months, each given by its first day. In order. */
export async function readDaysOfMonths(
  db: Queryable,
  pointId: number,
  months: readonly string[],
): Promise<KeptPart[]> {
  const { rows } = await db.query<KeptPart>(
    `select ${partColumns('day')} from unnest($2::date[]) m (month)
     join consumption_day on point_id = $1 and day >= month and day < (month + interval '1 month')::date order by day`,
    [pointId, months],
  );
  return rows;
}

/** Months first to last, inclusive, each by its first day. */
export async function readMonths(
  db: Queryable,
  query: { readonly pointIds: readonly number[]; readonly first: string; readonly last: string },
): Promise<KeptPart[]> {
  const { rows } = await db.query<KeptPart>(
    `select ${partColumns('month')} from consumption_month
     where point_id = any($1) and month between $2 and $3`,
    [query.pointIds, query.first, query.last],
  );
  return rows;
}

/** Runs of changes without a gap between them as one: a back-fill leaves a row for each quarter of an hour. Pure. */
export function joinDue(due: readonly Due[]): { fromUs: number; toUs: number }[] {
  const joined: { fromUs: number; toUs: number }[] = [];
  for (const { fromUs, toUs } of due.toSorted((a, b) => a.fromUs - b.fromUs)) {
    const last = joined.at(-1);
    if (last !== undefined && fromUs <= last.toUs + 1) last.toUs = Math.max(last.toUs, toUs);
    else joined.push({ fromUs, toUs });
  }
  return joined;
}

/** The days of a counter that depend on what is due, with their quarters, and when they were computed. */
export async function readDependent(
  client: Queryable,
  pointId: number,
  due: readonly Due[],
): Promise<ComputedDay[]> {
  const spans = joinDue(due);
  const { rows } = await client.query<
    KeptPart & {
      computedAt: Date;
      values: (number | null)[];
      quarterCovered: number[] | null;
      quarterBits: number[] | null;
    }
  >(
    `select d.*, q.value as values, q.covered_us as "quarterCovered", q.bits as "quarterBits"
     from (select ${partColumns('day')}, point_id, computed_at as "computedAt", day as on_day
       from consumption_day where point_id = $1 and exists (
         select from unnest($2::float8[], $3::float8[]) u (f, t)
         where depends_from <= ${instant('t')} and depends_to >= ${instant('f')})) d
     join consumption_quarter q on q.point_id = d.point_id and q.day = d.on_day order by d.on_day`,
    [pointId, spans.map((one) => one.fromUs), spans.map((one) => one.toUs)],
  );
  return rows.map(({ values, quarterCovered, quarterBits, ...row }) => ({
    ...row,
    quarters: {
      values,
      coveredUs: quarterCovered ?? values.map(() => wholeQuarterUs),
      bits: quarterBits ?? values.map(() => 0),
    },
  }));
}

/** Most days of most counters: each of their quarters is covered wholly, and none has a flag. */
const wholeQuarterUs = 15 * 60_000_000;

/** What a day and a month have in common, column by column. */
function columnsOf(kept: readonly KeptPart[]): unknown[] {
  return [
    kept.map(({ day }) => day),
    kept.map(({ value }) => value),
    kept.map(({ coveredUs }) => coveredUs),
    kept.map(({ bits }) => bits),
    kept.map(({ dependsFromUs }) => dependsFromUs),
    kept.map(({ dependsToUs }) => dependsToUs),
  ];
}

/** Keeps days of a counter, each of them once. */
export async function writeDays(client: Queryable, pointId: number, kept: readonly KeptDay[]): Promise<void> {
  const wholly = ({ coveredUs }: Quarters) => coveredUs.every((one) => one === wholeQuarterUs);
  const without = ({ bits }: Quarters) => bits.every((one) => one === 0);
  await client.query({
    name: 'consumption-write-days',
    text: `with quarters as (
         insert into consumption_quarter (point_id, day, value, covered_us, bits)
         select $1, day, value::float8[], covered_us::int[], bits::int[]
         from unnest($2::date[], $8::text[], $9::text[], $10::text[]) q (day, value, covered_us, bits)
         on conflict (point_id, day) do update set value = excluded.value, covered_us = excluded.covered_us,
           bits = excluded.bits)
       insert into consumption_day (point_id, day, value, covered_us, bits, depends_from, depends_to)
       select $1, day, value, covered_us, bits, ${instant('since')}, ${instant('until')}
       from unnest($2::date[], $3::float8[], $4::int8[], $5::int[], $6::float8[], $7::float8[])
         d (day, value, covered_us, bits, since, until)
       on conflict (point_id, day) do update set value = excluded.value, covered_us = excluded.covered_us,
         bits = excluded.bits, depends_from = excluded.depends_from, depends_to = excluded.depends_to,
         computed_at = now()`,
    values: [
      pointId,
      ...columnsOf(kept),
      kept.map(({ quarters }) => arrayText(quarters.values)),
      kept.map(({ quarters }) => (wholly(quarters) ? null : arrayText(quarters.coveredUs))),
      kept.map(({ quarters }) => (without(quarters) ? null : arrayText(quarters.bits))),
    ],
  });
}

/** Numbers as the text of an array: days have 92 to 100 quarters, and arrays of arrays rows of one length. */
function arrayText(list: readonly (number | null)[]): string {
  return `{${list.map((one) => one ?? 'null').join(',')}}`;
}

export async function writeMonths(client: Queryable, kept: readonly KeptPart[]): Promise<void> {
  await client.query(
    `insert into consumption_month (point_id, month, value, covered_us, bits, depends_from, depends_to)
     select id, month, value, covered_us, bits, ${instant('since')}, ${instant('until')}
     from unnest($1::int[], $2::date[], $3::float8[], $4::int8[], $5::int[], $6::float8[], $7::float8[])
       m (id, month, value, covered_us, bits, since, until)
     on conflict (point_id, month) do update set value = excluded.value, covered_us = excluded.covered_us,
       bits = excluded.bits, depends_from = excluded.depends_from, depends_to = excluded.depends_to`,
    [kept.map(({ pointId }) => pointId), ...columnsOf(kept)],
  );
}

/** Forgets a day that is not kept any more. */
export async function dropDay(client: Queryable, pointId: number, day: string): Promise<void> {
  const key = [pointId, day];
  await client.query('delete from consumption_quarter where point_id = $1 and day = $2', key);
  await client.query('delete from consumption_day where point_id = $1 and day = $2', key);
}

/** Forgets months of which not all days are kept. */
export async function dropMonths(
  client: Queryable,
  pointId: number,
  months: readonly string[],
): Promise<void> {
  await client.query('delete from consumption_month where point_id = $1 and month = any($2::date[])', [
    pointId,
    months,
  ]);
}

/** Whether a reading in one of the ranges was corrected since an instant. */
export async function wasCorrected(
  db: Queryable,
  query: { readonly pointId: number; readonly since: Date; readonly due: readonly Due[] },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from reading_correction c join unnest($2::float8[], $3::float8[]) u (f, t)
       on c.time between ${instant('u.f')} and ${instant('u.t')}
     where c.point_id = $1 and c.corrected_at > $4 limit 1`,
    [query.pointId, query.due.map((one) => one.fromUs), query.due.map((one) => one.toUs), query.since],
  );
  return rowCount !== 0;
}
