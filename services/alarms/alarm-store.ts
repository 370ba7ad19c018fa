import type { z } from 'zod';
import { severities, type MetricDefinition, type Severity } from '#schemas/device-class.ts';
import type { Alarm, alarmDetailSchema, alarmStates } from '#schemas/api/alarms.ts';
import { alarmHandlers, type Role } from '#schemas/roles.ts';
import type { Queryable } from '#infra/postgres.ts';
import { definitionOf } from '#services/registry/points.ts';

export interface AlarmFilter {
  readonly state: (typeof alarmStates)[number];
  readonly severity?: Severity | undefined;
  readonly deviceId?: string | undefined;
  /** The space itself and all below it. */
  readonly spaceId?: string | undefined;
  readonly deviceClass?: string | undefined;
  readonly ruleId?: string | undefined;
  readonly assignee?: string | undefined;
  /** Key of the one that is judged. */
  readonly point?: string | undefined;
  /** Occurrences that overlap [from, to); active ones pass whatever these are. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export interface AlarmPageRequest extends AlarmFilter {
  readonly limit: number;
  /** Newest first unless said otherwise; by urgency only what is not settled. */
  readonly order?: 'newest' | 'urgency' | undefined;
  /** The id after which (older) to go on. */
  readonly before?: AlarmPosition | undefined;
}

/** Where a list goes on: by urgency (0 where newest come first), then by time raised and id, newest first. */
export interface AlarmPosition {
  readonly urgency: number;
  readonly raisedUs: number;
  readonly id: number;
}

type Told = 'raisedAt' | 'clearedAt' | 'acknowledgedAt' | 'confirmedAt' | 'unit' | 'metricName' | 'state';

interface AlarmRow extends Omit<Alarm, Told> {
  readonly raisedAt: Date;
  readonly clearedAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly deviceClass: string;
  readonly metric: string | null;
  /** Of a metric that the class does not name. */
  readonly definition: Partial<MetricDefinition> | null;
  readonly conditionKind: string;
  readonly recommendedAction: string;
  readonly recommendedActionEn: string | null;
  readonly rationale: Rationale;
  readonly raisedUs: number;
  readonly urgency: number;
  /** What a rate is told per; null for other rules. */
  readonly per: string | null;
}

const iso = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/** Names are those of today; a device that was deleted keeps its last. */
const alarmColumns = `a.id::text as id, a.rule_id as "ruleId", r.definition ->> 'name' as "ruleName",
    r.definition ->> 'nameEn' as "ruleNameEn",
    coalesce(r.definition ->> 'recommendedAction', '') as "recommendedAction",
    r.definition ->> 'recommendedActionEn' as "recommendedActionEn",
    coalesce(r.definition ->> 'category', 'other') as category, coalesce(r.definition ->> 'team', '') as team,
    json_build_object('cause', coalesce(r.definition ->> 'cause', ''), 'causeEn', r.definition ->> 'causeEn',
      'consequence', coalesce(r.definition ->> 'consequence', ''), 'consequenceEn', r.definition ->> 'consequenceEn',
      'basis', coalesce(r.definition ->> 'basis', ''), 'basisEn', r.definition ->> 'basisEn') as rationale,
    a.object, case when a.point_id is not null then a.object end as point, a.device_id as "deviceId", p.metric,
    p.definition, r.definition -> 'condition' ->> 'kind' as "conditionKind",
    coalesce(d.name, a.device_id) as "deviceName", coalesce(d.class, '') as "deviceClass",
    s.name as "spaceName", a.severity, a.cleared_at is null as active,
    a.acknowledged_at is not null as acknowledged, a.raised_at as "raisedAt", a.cleared_at as "clearedAt",
    a.acknowledged_at as "acknowledgedAt", a.acknowledged_by as "acknowledgedBy", a.comment,
    a.value, a.limit_value as limit, a.reason, a.facts, r.definition -> 'condition' ->> 'per' as per, coalesce(d.provenance, 'field') as provenance,
    a.assignee,
    case when sh.until is not null then json_build_object('until', to_char(sh.until at time zone 'UTC', ${iso}),
      'oneShot', sh.one_shot, 'actor', sh.actor, 'reason', sh.reason) end as shelved,
    case when os.since is not null then json_build_object('since', to_char(os.since at time zone 'UTC', ${iso}),
      'actor', os.actor, 'reason', os.reason) end as "outOfService",
    case when a.suppressed_at is not null then json_build_object(
      'since', to_char(a.suppressed_at at time zone 'UTC', ${iso}), 'reason', a.suppressed_reason,
      'by', coalesce(split_part(a.suppressed_by, ':', 1), 'cause'),
      'facts', (select t.facts from alarm_transition t where t.alarm_id = a.id and t.kind = 'suppressed'
                order by t.id desc limit 1)) end as suppressed,
    a.confirm_required as "confirmRequired", a.confirmed_at as "confirmedAt", a.confirmed_by as "confirmedBy",
    (extract(epoch from a.raised_at) * 1000000)::int8 as "raisedUs"`;

/** Gravest first, then active (what is past never hides what is wrong now), then unacknowledged. */
const urgency = `(array_position(array['critical', 'high', 'medium', 'low'], a.severity) * 4
  + (a.cleared_at is not null)::int * 2 + (a.acknowledged_at is not null)::int)`;

const alarmTables = `from alarm a
  join alarm_rule r on r.id = a.rule_id and r.version = a.rule_version
  left join point p on p.point_id = a.point_id
  left join alarm_hold sh on sh.rule_id = a.rule_id and sh.object = a.object and sh.kind = 'shelved'
  left join alarm_hold os on os.rule_id = a.rule_id and os.object = a.object and os.kind = 'out-of-service'
  left join lateral (select name, class, space_id, provenance from device where id = a.device_id
                     order by valid_from desc limit 1) d on true
  left join space s on s.id = d.space_id and s.valid_to = 'infinity'`;

/** Why the rule is there (schemas/alarm.ts). */
type Rationale = Pick<
  z.infer<typeof alarmDetailSchema>,
  'cause' | 'causeEn' | 'consequence' | 'consequenceEn' | 'basis' | 'basisEn'
>;

export interface ListedAlarm {
  readonly alarm: Alarm;
  readonly recommendedAction: string;
  readonly recommendedActionEn: string | null;
  readonly rationale: Rationale;
  readonly position: AlarmPosition;
}

function toListed(row: AlarmRow): ListedAlarm {
  const { recommendedAction, recommendedActionEn, rationale, ...alarmRow } = row;
  const { deviceClass, metric, definition, conditionKind, ...judged } = alarmRow;
  const { per, raisedUs, urgency: rank, raisedAt, clearedAt, acknowledgedAt, confirmedAt, ...rest } = judged;
  const measured = metric === null ? undefined : definitionOf({ metric, definition, deviceClass });
  const { name = null, unit = '', states } = measured ?? {};
  // A count is how often a state came, no code of one.
  const code = conditionKind === 'count' ? null : rest.value;
  return {
    alarm: {
      ...rest,
      metricName: name,
      state: (code === null ? undefined : states?.[code]) ?? null,
      unit: per === null ? unit : `${unit}/${per}`,
      raisedAt: raisedAt.toISOString(),
      clearedAt: clearedAt?.toISOString() ?? null,
      acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
      confirmedAt: confirmedAt?.toISOString() ?? null,
    },
    recommendedAction,
    recommendedActionEn,
    rationale,
    position: { urgency: rank, raisedUs, id: Number(row.id) },
  };
}

/** What a filter finds; $1 to $10. Active alarms are never hidden by the time filter (DESIGN §7). */
const found = `($1 = 'all'
    or a.cleared_at is null and $1 = 'active'
    or (not a.settled and $1 = 'open' or not a.settled and a.acknowledged_at is null and $1 = 'unacknowledged')
       and sh.until is null and os.since is null and a.suppressed_at is null
    or not a.settled and ($1 = 'shelved' and sh.until is not null or $1 = 'out-of-service' and os.since is not null)
    or a.suppressed_at is not null and $1 = 'suppressed')
  and ($2::text is null or a.severity = $2)
  and ($3::text is null or a.device_id = $3)
  and (a.cleared_at is null
       or ($4::float8 is null or a.cleared_at >= to_timestamp($4::float8 / 1000))
          and ($5::float8 is null or a.raised_at < to_timestamp($5::float8 / 1000)))
  and ($6::text is null or a.device_id in (
        with recursive within as (
          select $6::text as id
          union
          select s2.id from within w join space s2 on s2.parent_id = w.id and s2.valid_to = 'infinity'
        ) select d2.id from device d2 join within on within.id = d2.space_id where d2.valid_to = 'infinity'))
  and ($7::text is null or a.device_id in (select id from device where class = $7))
  and ($8::text is null or a.rule_id = $8)
  and ($9::text is null or a.assignee = $9)
  and ($10::text is null or a.point_id is not null and a.object = $10)`;

function filterParameters(filter: AlarmFilter): unknown[] {
  const { state, severity, deviceId, fromMs, toMs, spaceId, deviceClass, ruleId, assignee, point } = filter;
  return [state, severity, deviceId, fromMs, toMs, spaceId, deviceClass, ruleId, assignee, point].map(
    (value) => value ?? null,
  );
}

/** After the filter come the position to go on from ($11 to $13, the last of which the newest do not need) and the limit. */
const newestFirst = `select ${alarmColumns}, 0 as urgency ${alarmTables}
  where ${found} and ($11::float8 is null or (a.raised_at, a.id) < (to_timestamp($11::float8 / 1000000), $12::int8))
    and $13::int is not distinct from $13
  order by a.raised_at desc, a.id desc limit $14`;
const urgentFirst = `select ${alarmColumns}, ${urgency} as urgency ${alarmTables}
  where not a.settled and ${found}
    and ($11::float8 is null or ${urgency} > $13::int
         or ${urgency} = $13::int and (a.raised_at, a.id) < (to_timestamp($11::float8 / 1000000), $12::int8))
  order by ${urgency}, a.raised_at desc, a.id desc limit $14`;

/** A page of what a filter finds. */
export async function listAlarms(db: Queryable, request: AlarmPageRequest): Promise<ListedAlarm[]> {
  const { before, limit, order } = request;
  const { rows } = await db.query<AlarmRow>(order === 'urgency' ? urgentFirst : newestFirst, [
    ...filterParameters(request),
    before?.raisedUs ?? null,
    before?.id ?? null,
    before?.urgency ?? null,
    limit,
  ]);
  return rows.map(toListed);
}

/** What of the filter an act can be done with: not what is acknowledged, confirmed, shelved or unshelved already. */
const actable = `case $11::text when 'acknowledge' then a.acknowledged_at is null
  when 'confirm' then a.confirm_required and a.confirmed_at is null and a.acknowledged_at is not null
  when 'shelve' then sh.until is null when 'unshelve' then sh.until is not null else true end`;

/** Most urgent first, with the number of all. */
export async function previewBulk(
  db: Queryable,
  request: AlarmFilter & { readonly act: string; readonly limit: number },
): Promise<{ readonly count: number; readonly alarms: readonly Alarm[] }> {
  const { rows } = await db.query<AlarmRow & { readonly count: number }>(
    `select count(*) over ()::int as count, ${alarmColumns}, 0 as urgency ${alarmTables}
     where ${found} and ${actable}
     order by array_position($12::text[], a.severity), a.cleared_at is not null, a.raised_at desc, a.id desc limit $13`,
    [...filterParameters(request), request.act, severities, request.limit],
  );
  return {
    count: rows[0]?.count ?? 0,
    alarms: rows.map(({ count: _count, ...row }) => toListed(row).alarm),
  };
}

/** Active, unacknowledged, critical and not held, and not what the filter finds. */
export async function countHiddenCritical(db: Queryable, filter: AlarmFilter): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count ${alarmTables}
     where not a.settled and a.cleared_at is null and a.acknowledged_at is null and a.severity = 'critical'
       and sh.until is null and os.since is null and a.suppressed_at is null and not (${found})`,
    filterParameters(filter),
  );
  return rows[0]?.count ?? 0;
}

/** @returns undefined when there is no such alarm */
export async function loadAlarm(db: Queryable, id: number): Promise<ListedAlarm | undefined> {
  const { rows } = await db.query<AlarmRow>(
    `select ${alarmColumns}, 0 as urgency ${alarmTables} where a.id = $1`,
    [id],
  );
  return rows.map(toListed)[0];
}

export interface LockedAlarm {
  readonly id: number;
  readonly ruleId: string;
  readonly object: string;
  readonly deviceId: string;
  readonly severity: Severity;
  readonly active: boolean;
  readonly acknowledgedBy: string | null;
  readonly comment: string | null;
  readonly confirmRequired: boolean;
  readonly confirmedBy: string | null;
}

/** Locks the occurrence for this transaction: the engine and other operators wait. */
export async function lockAlarm(client: Queryable, id: number): Promise<LockedAlarm | undefined> {
  const { rows } = await client.query<LockedAlarm>(
    `select id, rule_id as "ruleId", object, device_id as "deviceId", severity, cleared_at is null as active,
            acknowledged_by as "acknowledgedBy", comment, confirm_required as "confirmRequired",
            confirmed_by as "confirmedBy"
     from alarm where id = $1 for no key update`,
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

export async function setConfirmed(
  client: Queryable,
  row: { readonly id: number; readonly atMs: number; readonly actor: string },
): Promise<void> {
  await client.query(
    'update alarm set confirmed_at = to_timestamp($2::float8 / 1000), confirmed_by = $3 where id = $1',
    [row.id, row.atMs, row.actor],
  );
}

/** How often an alarm was acknowledged: again after its shelving ran out while it was active. */
export async function countAcknowledgements(client: Queryable, id: number): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from alarm_transition where alarm_id = $1 and kind = 'acknowledged'`,
    [id],
  );
  return rows[0]?.count ?? 0;
}

export async function setAssignee(client: Queryable, id: number, assignee: string | null): Promise<void> {
  await client.query('update alarm set assignee = $2 where id = $1', [id, assignee]);
}

/** Whom an alarm can be given to, by name. */
export async function listHandlers(
  db: Queryable,
  limit: number,
): Promise<{ username: string; displayName: string; role: Role }[]> {
  const { rows } = await db.query<{ username: string; displayName: string; role: Role }>(
    `select username, display_name as "displayName", role from park_user
     where not disabled and role = any($1::text[]) order by username limit $2`,
    [alarmHandlers, limit],
  );
  return rows;
}

/** Whether there is such a user now, and of a role that handles alarms. */
export async function canBeAssigned(db: Queryable, username: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from park_user where username = $1 and not disabled and role = any($2::text[])`,
    [username, alarmHandlers],
  );
  return rowCount !== 0;
}

export interface OpenCount {
  readonly severity: Severity;
  readonly active: number;
  readonly unacknowledged: number;
  /** Open and shelved, suppressed or out of service; in neither of the others. */
  readonly held: number;
}

/** Unacknowledged and active occurrences by severity, for metrics and overview. */
export async function countOpen(db: Queryable): Promise<OpenCount[]> {
  const { rows } = await db.query<OpenCount>(
    `select severity, (count(*) filter (where cleared_at is null and not held))::int as active,
            (count(*) filter (where acknowledged_at is null and not held))::int as unacknowledged,
            (count(*) filter (where held))::int as held
     from (select severity, cleared_at, acknowledged_at,
                  suppressed_at is not null or exists (select from alarm_hold h
                    where h.rule_id = a.rule_id and h.object = a.object) as held
           from alarm a where not settled) open
     group by severity`,
  );
  return rows;
}
