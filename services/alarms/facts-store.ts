import { bucketMs, chatterCount, chatterWindowMs, staleMs } from '#schemas/alarm-figures.ts';
import { severities, type Severity } from '#schemas/device-class.ts';
import type { Queryable } from '#infra/postgres.ts';
import { durationClasses, type AlarmDay } from './figures.ts';

/** All SQL that makes the facts of alarms by local day. */

export interface FactDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** Closed-open, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Facts of one position, as they are stored. */
export interface PositionDay extends AlarmDay {
  readonly position: string;
}

interface Touched {
  /** Every transaction below this id is in what was read. */
  readonly cursor: string;
  /** Hours in which transitions lie that are not in the facts yet, epoch ms. */
  readonly hoursMs: readonly number[];
}

export async function readTouched(db: Queryable): Promise<Touched> {
  const { rows } = await db.query<Touched>(
    `select pg_snapshot_xmin(pg_current_snapshot())::text as cursor,
            array(select distinct (extract(epoch from date_trunc('hour', t.time)) * 1000)::float8
                  from alarm_transition t where t.xid >= f.cursor) as "hoursMs"
     from alarm_fold f`,
  );
  return rows[0] ?? { cursor: '0', hoursMs: [] };
}

export async function saveCursor(client: Queryable, cursor: string): Promise<void> {
  await client.query('update alarm_fold set cursor = $1::xid8', [cursor]);
}

/** Days of these that were last folded before they were over. */
export async function foldedBefore(db: Queryable, day: string, beforeMs: number): Promise<boolean> {
  const { rows } = await db.query<{ due: boolean }>(
    `select not exists (select from alarm_day where day = $1::date
                        and folded_at >= to_timestamp($2::float8 / 1000)) as due`,
    [day, beforeMs],
  );
  return rows[0]?.due ?? true;
}

/** Announced: not shelved, suppressed or out of service by the very transaction that raised it. */
export const announced = `not exists (
  select from alarm_transition k
  where k.alarm_id = a.id and k.kind in ('shelved', 'suppressed', 'out-of-service')
    and k.xid = (select t.xid from alarm_transition t where t.alarm_id = a.id and t.kind = 'raised' and t.key = ''))`;

interface RaisedRow {
  readonly position: string;
  readonly severity: Severity;
  readonly bucket: number;
  readonly announced: number;
  readonly recorded: number;
}

interface AfterRow {
  readonly position: string;
  readonly kind: 'acknowledged' | 'cleared';
  readonly class: number;
  readonly count: number;
  readonly sumS: number;
}

interface StandingRow {
  readonly position: string;
  readonly count: number;
}

interface HeldRow {
  readonly position: string;
  readonly kind: 'shelved' | 'suppressed' | 'out-of-service';
  readonly seconds: number;
}

/** What a day is made of, counted by the store. */
export interface DayCounts {
  readonly raised: readonly RaisedRow[];
  readonly after: readonly AfterRow[];
  readonly standing: readonly StandingRow[];
  readonly held: readonly HeldRow[];
}

/** @param nowMs what lasts is counted up to here */
export async function countDay(client: Queryable, day: FactDay, nowMs: number): Promise<DayCounts> {
  const range = [day.fromMs, day.toMs];
  const { rows: raised } = await client.query<RaisedRow>(
    `select position, severity, bucket, (count(*) filter (where announced))::int as announced,
            (count(*) filter (where not announced))::int as recorded
     from (select a.position, a.severity, ${announced} as announced,
                  floor((extract(epoch from a.raised_at) * 1000 - $1::float8) / $3::float8)::int as bucket
           from alarm a
           where a.raised_at >= to_timestamp($1::float8 / 1000) and a.raised_at < to_timestamp($2::float8 / 1000)) a
     group by position, severity, bucket`,
    [...range, bucketMs],
  );
  const { rows: after } = await client.query<AfterRow>(
    `select position, kind, class, count(*)::int as count, sum(seconds)::float8 as "sumS"
     from (select a.position, t.kind, seconds,
                  case when seconds <= 1 then 0
                       else least(ceil(log(seconds::numeric) * 10)::int, $3) end as class
           from alarm_transition t join alarm a on a.id = t.alarm_id
           cross join lateral (select greatest(0, extract(epoch from t.time - a.raised_at)) as seconds) s
           where t.time >= to_timestamp($1::float8 / 1000) and t.time < to_timestamp($2::float8 / 1000)
             and t.kind in ('acknowledged', 'cleared') and t.key = '') each
     group by position, kind, class`,
    [...range, durationClasses - 1],
  );
  const atMs = Math.min(day.toMs, nowMs);
  const { rows: standing } = await client.query<StandingRow>(
    `select position, count(*)::int as count from alarm
     where raised_at < to_timestamp($1::float8 / 1000) - $2 * interval '1 ms'
       and (cleared_at is null
            or cleared_at >= to_timestamp($1::float8 / 1000) and cleared_at - raised_at > interval '24 hours')
     group by position`,
    [atMs, staleMs],
  );
  return { raised, after, standing, held: await countHeld(client, day, nowMs) };
}

async function countHeld(client: Queryable, day: FactDay, nowMs: number): Promise<HeldRow[]> {
  const { rows } = await client.query<HeldRow>(
    `select coalesce(a.position, 'main') as position, h.kind,
            sum(extract(epoch from least(h.until, to_timestamp($2::float8 / 1000))
                                   - greatest(h.since, to_timestamp($1::float8 / 1000))))::float8 as seconds
     from (
       select kind, rule_id, object, since, until from alarm_held where until > to_timestamp($1::float8 / 1000)
       union all
       select kind, rule_id, object, since, least(coalesce(until, 'infinity'), to_timestamp($3::float8 / 1000))
       from alarm_hold
       union all
       select 'suppressed', rule_id, object, suppressed_at, to_timestamp($3::float8 / 1000)
       from alarm where cleared_at is null and suppressed_at is not null
     ) h
     left join lateral (
       select position from alarm where object = h.object and rule_id = h.rule_id order by raised_at desc limit 1
     ) a on true
     where least(h.until, to_timestamp($2::float8 / 1000)) > greatest(h.since, to_timestamp($1::float8 / 1000))
     group by 1, 2`,
    [day.fromMs, day.toMs, nowMs],
  );
  return rows;
}

/** Writes the facts of a day anew. */
export async function saveDay(
  client: Queryable,
  facts: readonly PositionDay[],
  when: { readonly day: FactDay; readonly nowMs: number },
): Promise<void> {
  const { day, nowMs } = when;
  await client.query('delete from alarm_day where day = $1::date', [day.day]);
  for (const row of facts) {
    await client.query(
      `insert into alarm_day (day, position, announced, recorded, buckets, acknowledged_after, acknowledged_after_s,
         cleared_after, cleared_after_s, standing, shelved_s, suppressed_s, out_of_service_s, folded_at)
       values ($1::date, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, to_timestamp($14::float8 / 1000))`,
      [
        day.day,
        row.position,
        row.announced,
        row.recorded,
        row.buckets,
        row.acknowledgedAfter,
        row.acknowledgedAfterS,
        row.clearedAfter,
        row.clearedAfterS,
        row.standing,
        row.shelvedS,
        row.suppressedS,
        row.outOfServiceS,
        nowMs,
      ],
    );
  }
  await saveSources(client, day);
}

/** Each rule at each point: how often raised, and how often as the third in a minute or more. */
async function saveSources(client: Queryable, day: FactDay): Promise<void> {
  await client.query('delete from alarm_source_day where day = $1::date', [day.day]);
  await client.query(
    `insert into alarm_source_day (day, position, rule_id, object, raised, chattered)
     select $1::date, position, rule_id, object, count(*), count(*) filter (where chatters)
     from (select position, rule_id, object, raised_at,
                  raised_at - lag(raised_at, $5) over (partition by rule_id, object order by raised_at)
                    < $4 * interval '1 ms' as chatters
           from alarm
           where raised_at >= to_timestamp($2::float8 / 1000) - $4 * interval '1 ms'
             and raised_at < to_timestamp($3::float8 / 1000)) a
     where raised_at >= to_timestamp($2::float8 / 1000)
     group by position, rule_id, object`,
    [day.day, day.fromMs, day.toMs, chatterWindowMs, chatterCount - 1],
  );
}

/** Which of them a severity is, gravest first. */
export function placeOf(severity: Severity): number {
  return severities.indexOf(severity);
}
