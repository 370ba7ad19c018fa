import type { Severity } from '#schemas/device-class.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import type { Alarm, alarmStates } from '#schemas/api/alarms.ts';
import type { Queryable } from '#infra/postgres.ts';

export interface AlarmFilter {
  readonly state: (typeof alarmStates)[number];
  readonly severity?: Severity | undefined;
  readonly deviceId?: string | undefined;
  /** Occurrences that overlap [from, to); active ones pass whatever these are. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly limit: number;
  /** The id after which (older) to go on. */
  readonly before?: AlarmPosition | undefined;
}

/** Where a list goes on: newest first, by time raised and id. */
export interface AlarmPosition {
  readonly raisedUs: number;
  readonly id: number;
}

interface AlarmRow extends Omit<Alarm, 'raisedAt' | 'clearedAt' | 'acknowledgedAt' | 'unit'> {
  readonly raisedAt: Date;
  readonly clearedAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly deviceClass: string;
  readonly metric: string;
  readonly recommendedAction: string;
  readonly recommendedActionEn: string | null;
  readonly raisedUs: number;
  /** What a rate is told per; null for other rules. */
  readonly per: string | null;
}

/** Names are those of today; a device that was deleted keeps its last. */
const alarmSelect = `select a.id::text as id, a.rule_id as "ruleId", r.definition ->> 'name' as "ruleName",
    r.definition ->> 'nameEn' as "ruleNameEn",
    coalesce(r.definition ->> 'recommendedAction', '') as "recommendedAction",
    r.definition ->> 'recommendedActionEn' as "recommendedActionEn",
    p.device_id || '.' || p.metric as point, p.device_id as "deviceId", p.metric,
    coalesce(d.name, p.device_id) as "deviceName", coalesce(d.class, '') as "deviceClass",
    s.name as "spaceName", a.severity, a.cleared_at is null as active,
    a.acknowledged_at is not null as acknowledged, a.raised_at as "raisedAt", a.cleared_at as "clearedAt",
    a.acknowledged_at as "acknowledgedAt", a.acknowledged_by as "acknowledgedBy", a.comment,
    a.value, a.limit_value as limit, a.reason, r.definition -> 'condition' ->> 'per' as per, coalesce(d.provenance, 'field') as provenance,
    (extract(epoch from a.raised_at) * 1000000)::int8 as "raisedUs"
  from alarm a
  join alarm_rule r on r.id = a.rule_id and r.version = a.rule_version
  join point p on p.point_id = a.point_id
  left join lateral (select name, class, space_id, provenance from device where id = p.device_id
                     order by valid_from desc limit 1) d on true
  left join space s on s.id = d.space_id and s.valid_to = 'infinity'`;

export interface ListedAlarm {
  readonly alarm: Alarm;
  readonly recommendedAction: string;
  readonly recommendedActionEn: string | null;
  readonly position: AlarmPosition;
}

function toListed(row: AlarmRow): ListedAlarm {
  const { recommendedAction, recommendedActionEn, ...alarmRow } = row;
  const { deviceClass, metric, per, raisedUs, raisedAt, clearedAt, acknowledgedAt, ...rest } = alarmRow;
  const unit = deviceClasses.get(deviceClass)?.metrics[metric]?.unit ?? '';
  return {
    alarm: {
      ...rest,
      unit: per === null ? unit : `${unit}/${per}`,
      raisedAt: raisedAt.toISOString(),
      clearedAt: clearedAt?.toISOString() ?? null,
      acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
    },
    recommendedAction,
    recommendedActionEn,
    position: { raisedUs, id: Number(row.id) },
  };
}

/** Newest first. Active alarms are never hidden by the time filter (DESIGN §7). */
export async function listAlarms(db: Queryable, filter: AlarmFilter): Promise<ListedAlarm[]> {
  const { rows } = await db.query<AlarmRow>(
    `${alarmSelect}
     where ($1 = 'all'
            or a.cleared_at is null and $1 in ('active', 'open')
            or a.acknowledged_at is null and $1 in ('unacknowledged', 'open'))
       and ($2::text is null or a.severity = $2)
       and ($3::text is null or p.device_id = $3)
       and (a.cleared_at is null
            or ($4::float8 is null or a.cleared_at >= to_timestamp($4::float8 / 1000))
               and ($5::float8 is null or a.raised_at < to_timestamp($5::float8 / 1000)))
       and ($6::float8 is null or (a.raised_at, a.id) < (to_timestamp($6::float8 / 1000000), $7::int8))
     order by a.raised_at desc, a.id desc limit $8`,
    [
      filter.state,
      filter.severity ?? null,
      filter.deviceId ?? null,
      filter.fromMs ?? null,
      filter.toMs ?? null,
      filter.before?.raisedUs ?? null,
      filter.before?.id ?? null,
      filter.limit,
    ],
  );
  return rows.map(toListed);
}

/** @returns undefined when there is no such alarm */
export async function loadAlarm(db: Queryable, id: number): Promise<ListedAlarm | undefined> {
  const { rows } = await db.query<AlarmRow>(`${alarmSelect} where a.id = $1`, [id]);
  return rows.map(toListed)[0];
}

export interface Acknowledgement {
  readonly acknowledgedBy: string | null;
  readonly comment: string | null;
}

/** Locks the occurrence for this transaction: the engine and other operators wait. */
export async function lockAlarm(client: Queryable, id: number): Promise<Acknowledgement | undefined> {
  const { rows } = await client.query<Acknowledgement>(
    `select acknowledged_by as "acknowledgedBy", comment from alarm where id = $1 for update`,
    [id],
  );
  return rows[0];
}

export async function setAcknowledged(
  client: Queryable,
  row: { readonly id: number; readonly atMs: number; readonly actor: string; readonly comment: string },
): Promise<void> {
  await client.query(
    `update alarm set acknowledged_at = to_timestamp($2::float8 / 1000), acknowledged_by = $3, comment = $4
     where id = $1`,
    [row.id, row.atMs, row.actor, row.comment],
  );
}

/** Unacknowledged and active occurrences by severity, for metrics and overview. */
export async function countOpen(
  db: Queryable,
): Promise<{ severity: Severity; active: number; unacknowledged: number }[]> {
  const { rows } = await db.query<{ severity: Severity; active: number; unacknowledged: number }>(
    `select severity, (count(*) filter (where cleared_at is null))::int as active,
            (count(*) filter (where acknowledged_at is null))::int as unacknowledged
     from alarm where cleared_at is null or acknowledged_at is null group by severity`,
  );
  return rows;
}
