import type { AlarmFigures, SourceFigure } from '#schemas/api/alarm-figures.ts';
import { staleMs } from '#schemas/alarm-figures.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { AlarmDay } from './figures.ts';

/** Reads figures from the facts of days; nothing here grows with what was before the days asked for. */

export interface FigureRange {
  /** `YYYY-MM-DD`, both inclusive. */
  readonly from: string;
  readonly to: string;
  /** Undefined: all. */
  readonly position: string | undefined;
}

/** A day of one position; days without an alarm may have no row. */
export async function loadDays(db: Queryable, range: FigureRange): Promise<Omit<AlarmDay, 'fromMs'>[]> {
  const { rows } = await db.query<Omit<AlarmDay, 'fromMs'>>(
    `select to_char(day, 'YYYY-MM-DD') as day, announced, recorded, buckets, acknowledged_after as "acknowledgedAfter",
            acknowledged_after_s as "acknowledgedAfterS", cleared_after as "clearedAfter",
            cleared_after_s as "clearedAfterS", standing, shelved_s as "shelvedS", suppressed_s as "suppressedS",
            out_of_service_s as "outOfServiceS"
     from alarm_day where day between $1::date and $2::date and ($3::text is null or position = $3)
     order by day`,
    [range.from, range.to, range.position ?? null],
  );
  return rows;
}

/** The first day there are facts of, and until when they are whole. */
export async function loadExtent(
  db: Queryable,
): Promise<{ firstDay: string | null; foldedMs: number | null }> {
  const { rows } = await db.query<{ firstDay: string | null; foldedMs: number | null }>(
    `select to_char(min(day), 'YYYY-MM-DD') as "firstDay",
            (select (extract(epoch from folded_at) * 1000)::float8 from alarm_day order by day desc limit 1) as "foldedMs"
     from alarm_day`,
  );
  return rows[0] ?? { firstDay: null, foldedMs: null };
}

/** The most frequent ones, with how often all were raised and how many chattered. */
export async function loadSources(
  db: Queryable,
  range: FigureRange,
  limit: number,
): Promise<{ total: number; chattering: { sources: number; alarms: number }; top: SourceFigure[] }> {
  const { rows } = await db.query<
    Omit<SourceFigure, 'share'> & { total: number; chatterSources: number; chatterAlarms: number }
  >(
    `with sources as (
       select rule_id, object, sum(raised)::int as raised, sum(chattered)::int as chattered
       from alarm_source_day where day between $1::date and $2::date and ($3::text is null or position = $3)
       group by rule_id, object
     ), totals as (
       select coalesce(sum(raised), 0)::int as total, (count(*) filter (where chattered > 0))::int as "chatterSources",
              coalesce(sum(chattered), 0)::int as "chatterAlarms" from sources
     ), most as (select * from sources order by raised desc, rule_id, object limit $4)
     select t.*, m.rule_id as "ruleId", r.definition ->> 'name' as "ruleName", r.definition ->> 'nameEn' as "ruleNameEn",
            m.object, split_part(split_part(m.object, '#', 1), '.', 1) as "deviceId",
            coalesce(d.name, split_part(split_part(m.object, '#', 1), '.', 1)) as "deviceName", m.raised, m.chattered
     from totals t
     left join most m on true
     left join lateral (select definition from alarm_rule where id = m.rule_id order by version desc limit 1) r on true
     left join lateral (select name from device where id = split_part(split_part(m.object, '#', 1), '.', 1) order by valid_from desc limit 1) d on true
     order by m.raised desc, m.rule_id, m.object`,
    [range.from, range.to, range.position ?? null, limit],
  );
  const first = rows[0];
  const total = first?.total ?? 0;
  return {
    total,
    chattering: { sources: first?.chatterSources ?? 0, alarms: first?.chatterAlarms ?? 0 },
    top: rows
      .filter((row) => row.ruleId !== null)
      .map(({ total: _total, chatterSources: _sources, chatterAlarms: _alarms, ...row }) => ({
        ...row,
        share: row.raised / total,
      })),
  };
}

/** Active for more than a day now, oldest first. */
export async function loadStanding(
  db: Queryable,
  request: { readonly nowMs: number; readonly position: string | undefined; readonly limit: number },
): Promise<AlarmFigures['standing']> {
  const { rows } = await db.query<
    Omit<AlarmFigures['standing']['items'][number], 'raisedAt'> & { count: number; raisedAt: Date }
  >(
    `select count(*) over ()::int as count, a.id::text as "alarmId", r.definition ->> 'name' as "ruleName",
            r.definition ->> 'nameEn' as "ruleNameEn", a.device_id as "deviceId",
            coalesce(d.name, a.device_id) as "deviceName", a.severity, a.raised_at as "raisedAt",
            a.acknowledged_at is not null as acknowledged
     from alarm a
     join alarm_rule r on r.id = a.rule_id and r.version = a.rule_version
     left join device d on d.id = a.device_id and d.valid_to = 'infinity'
     where a.cleared_at is null and a.raised_at < to_timestamp(($1::float8 - $2) / 1000)
       and ($3::text is null or a.position = $3)
     order by a.raised_at limit $4`,
    [request.nowMs, staleMs, request.position ?? null, request.limit],
  );
  return {
    count: rows[0]?.count ?? 0,
    items: rows.map(({ count: _count, raisedAt, ...row }) => ({ ...row, raisedAt: raisedAt.toISOString() })),
  };
}
