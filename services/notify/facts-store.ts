import type { MetricDefinition, Severity } from '#schemas/device-class.ts';
import type { Queryable } from '#infra/postgres.ts';
import { definitionOf } from '#services/registry/points.ts';
import type { AlarmStanding, NoticeFacts } from './facts.ts';

/** An alarm as those who are told need to know it. */
export interface KnownAlarm {
  readonly facts: NoticeFacts;
  readonly standing: AlarmStanding;
  /** The operator position that has it. */
  readonly position: string;
}

interface FactsRow {
  readonly alarmId: number;
  readonly ruleId: string;
  readonly rule: {
    readonly name: string;
    readonly nameEn?: string;
    readonly category?: string;
    readonly team?: string;
    readonly recommendedAction?: string;
    readonly recommendedActionEn?: string;
    readonly condition: { readonly kind: string; readonly per?: string };
  };
  readonly severity: Severity;
  readonly deviceId: string;
  readonly metric: string | null;
  readonly definition: Partial<MetricDefinition> | null;
  readonly deviceName: string;
  readonly deviceClass: string;
  readonly spaceId: string | null;
  readonly provenance: string;
  readonly value: number | null;
  readonly limit: number | null;
  readonly reason: string;
  readonly raisedMs: number;
  readonly clearedMs: number | null;
  readonly acknowledgedBy: string | null;
  readonly assignee: string | null;
  readonly position: string;
  readonly held: AlarmStanding['held'];
}

/** Alarms by id, with where they stand; names are those of today. */
export async function loadFacts(
  db: Queryable,
  alarmIds: readonly number[],
): Promise<Map<number, KnownAlarm>> {
  if (alarmIds.length === 0) return new Map();
  const { rows } = await db.query<FactsRow>(
    `select a.id as "alarmId", a.rule_id as "ruleId", r.definition as rule, a.severity,
            a.device_id as "deviceId", p.metric, p.definition,
            coalesce(d.name, a.device_id) as "deviceName", coalesce(d.class, '') as "deviceClass",
            d.space_id as "spaceId", coalesce(d.provenance, 'field') as provenance,
            a.value, a.limit_value as limit, a.reason,
            (extract(epoch from a.raised_at) * 1000)::float8 as "raisedMs",
            (extract(epoch from a.cleared_at) * 1000)::float8 as "clearedMs",
            a.acknowledged_by as "acknowledgedBy", a.assignee, a.position,
            case when sh.kind is not null then 'shelved' when os.kind is not null then 'out-of-service'
                 when a.suppressed_at is not null then 'suppressed' end as held
     from alarm a
     join alarm_rule r on r.id = a.rule_id and r.version = a.rule_version
     left join point p on p.point_id = a.point_id
     left join alarm_hold sh on sh.rule_id = a.rule_id and sh.object = a.object and sh.kind = 'shelved'
     left join alarm_hold os on os.rule_id = a.rule_id and os.object = a.object and os.kind = 'out-of-service'
     left join lateral (select name, class, space_id, provenance from device where id = a.device_id
                        order by valid_from desc limit 1) d on true
     where a.id = any($1::int8[])`,
    [alarmIds],
  );
  const spaces = await loadSpacePaths(db, [...new Set(rows.flatMap((row) => row.spaceId ?? []))]);
  return new Map(rows.map((row) => [row.alarmId, toKnown(row, spaces.get(row.spaceId ?? '') ?? [])]));
}

type SpacePath = NoticeFacts['spaces'];

/** Each space with all above it, the nearest first. */
export async function loadSpacePaths(db: Queryable, ids: readonly string[]): Promise<Map<string, SpacePath>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<{ from: string; id: string; name: string }>(
    `with recursive above as (
       select s.id as from_id, s.id, s.name, s.parent_id, 0 as height from space s
       where s.id = any($1::text[]) and s.valid_to = 'infinity'
       union all
       select a.from_id, s.id, s.name, s.parent_id, a.height + 1 from above a
       join space s on s.id = a.parent_id and s.valid_to = 'infinity'
       where a.height < 20
     )
     select from_id as from, id, name from above order by from_id, height`,
    [ids],
  );
  return new Map(
    [...Map.groupBy(rows, (row) => row.from)].map(([id, path]) => [
      id,
      path.map((row) => ({ id: row.id, name: row.name })),
    ]),
  );
}

function toKnown(row: FactsRow, spaces: SpacePath): KnownAlarm {
  const { rule, metric, definition, deviceClass, deviceId } = row;
  const known = metric === null ? undefined : definitionOf({ metric, definition, deviceClass });
  const name = known?.name ?? { zh: deviceId, en: deviceId };
  const unit = known?.unit ?? '';
  // A count is how often a state came, no code of one.
  const code = rule.condition.kind === 'count' ? null : row.value;
  return {
    facts: {
      alarmId: row.alarmId,
      ruleId: row.ruleId,
      rule: { zh: rule.name, en: rule.nameEn ?? rule.name },
      category: rule.category ?? '',
      team: rule.team ?? '',
      severity: row.severity,
      point: metric === null ? deviceId : `${deviceId}.${metric}`,
      metric: name,
      deviceId,
      deviceName: row.deviceName,
      deviceClass,
      spaces,
      value: row.value,
      state: (code === null ? undefined : known?.states?.[code]?.name) ?? null,
      unit: unit === '1' ? '' : rule.condition.per === undefined ? unit : `${unit}/${rule.condition.per}`,
      limit: row.limit,
      reason: row.reason,
      action: {
        zh: rule.recommendedAction ?? '',
        en: rule.recommendedActionEn ?? rule.recommendedAction ?? '',
      },
      raisedMs: row.raisedMs,
      provenance: row.provenance,
    },
    standing: {
      clearedMs: row.clearedMs,
      acknowledgedBy: row.acknowledgedBy,
      assignee: row.assignee,
      held: row.held,
    },
    position: row.position,
  };
}
