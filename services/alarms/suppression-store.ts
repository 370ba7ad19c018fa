import { plainReason } from '#schemas/alarm-facts.ts';
import type { AlarmTransition } from '#schemas/alarm.ts';
import type { Queryable } from '#infra/postgres.ts';
import { bySystem } from './maintenance-store.ts';
import { judgeSuppression, type Parents, type SilentAlarm } from './suppression.ts';
import { appendTransitions } from './transition-store.ts';

/** A whole gateway is silent only where it serves more than one device. */
const fewestDevices = 2;

/**
 * Suppresses alarms of silence that another alarm explains, and ends it where none does any more.
 * @returns the transitions that were written
 */
export async function updateSuppression(client: Queryable, nowMs: number): Promise<AlarmTransition[]> {
  const alarms = await loadSilentAlarms(client, nowMs);
  if (alarms.length === 0) return [];
  const facts = judgeSuppression(alarms, await loadParents(client, alarms));
  const reasons = new Map([...facts].map(([id, told]) => [id, plainReason(told)]));
  const changed = alarms.filter((alarm) => (reasons.get(alarm.id) ?? null) !== alarm.suppressedReason);
  if (changed.length === 0) return [];
  await client.query(
    `insert into alarm_held (kind, rule_id, object, since, until, actor, reason)
     select 'suppressed', rule_id, object, suppressed_at, to_timestamp($2::float8 / 1000), 'system', suppressed_reason
     from alarm where id = any($1::int8[]) and suppressed_at < to_timestamp($2::float8 / 1000)`,
    [changed.filter((alarm) => !reasons.has(alarm.id)).map((alarm) => alarm.id), nowMs],
  );
  await client.query(
    `update alarm a set suppressed_reason = n.reason,
       suppressed_at = case when n.reason is null then null
                            else coalesce(a.suppressed_at, to_timestamp($3::float8 / 1000)) end
     from unnest($1::int8[], $2::text[]) as n (id, reason) where a.id = n.id`,
    [changed.map((alarm) => alarm.id), changed.map((alarm) => reasons.get(alarm.id) ?? null), nowMs],
  );
  return appendTransitions(
    client,
    changed.map((alarm) => {
      const told = facts.get(alarm.id);
      const why = told ?? ({ code: 'no-longer-suppressed', why: alarm.suppressedReason ?? '' } as const);
      return bySystem(
        { id: alarm.id, kind: told === undefined ? 'unsuppressed' : 'suppressed', facts: why },
        nowMs,
      );
    }),
  );
}

/** Locked, so that two writers do not decide at once; a clearing waits. */
async function loadSilentAlarms(client: Queryable, nowMs: number): Promise<SilentAlarm[]> {
  const { rows } = await client.query<SilentAlarm>(
    `with silent as (
       select a.id, a.device_id, a.severity, a.suppressed_reason,
              (r.definition -> 'condition' ->> 'noDataMs')::float8 as no_data_ms
       from alarm a
       join alarm_rule r on r.id = a.rule_id and r.version = a.rule_version
       where a.cleared_at is null and a.suppressed_by is null
         and r.definition -> 'condition' ->> 'kind' = 'stale'
       for no key update of a
     ), heard as materialized (
       select source, max(last_seen) as last_seen, count(*) as devices from device_status
       where exists (select from silent) group by source
     )
     select s.id, s.device_id as "deviceId", s.severity, s.suppressed_reason as "suppressedReason", st.source,
            coalesce(h.devices >= $2
              and extract(epoch from h.last_seen) * 1000 <= $1::float8 - s.no_data_ms / 2, false) as "isSourceSilent"
     from silent s
     left join device_status st on st.device_id = s.device_id
     left join heard h on h.source = st.source
     order by s.id`,
    [nowMs, fewestDevices],
  );
  return rows;
}

/** Devices above, by the attributes that name one: `parentId`, `gatewayId`, `recorderId`. */
async function loadParents(client: Queryable, alarms: readonly SilentAlarm[]): Promise<Parents> {
  const { rows } = await client.query<{ id: string; parents: string[]; offline: boolean; silent: boolean }>(
    `with recursive above as (
       select d.id, d.attributes from device d where d.id = any($1::text[]) and d.valid_to = 'infinity'
       union
       select d.id, d.attributes from above a
       join device d on d.valid_to = 'infinity'
         and d.id in (a.attributes ->> 'parentId', a.attributes ->> 'gatewayId', a.attributes ->> 'recorderId')
     )
     select id, array_remove(array[attributes ->> 'parentId', attributes ->> 'gatewayId',
                                   attributes ->> 'recorderId'], null) as parents,
            coalesce(told.offline, false) as offline, coalesce(told.silent, false) as silent
     from above left join lateral (
       select bool_or(a.object = a.device_id || '.online' and r.definition -> 'condition' ->> 'kind' <> 'stale') as offline,
              bool_or(r.definition -> 'condition' ->> 'kind' = 'stale') as silent
       from alarm a join alarm_rule r on r.id = a.rule_id and r.version = a.rule_version
       where a.device_id = above.id and a.cleared_at is null) told on true`,
    [alarms.map((alarm) => alarm.deviceId)],
  );
  return {
    of: new Map(rows.map((row) => [row.id, row.parents])),
    away: new Set(rows.filter((row) => row.offline || row.silent).map((row) => row.id)),
    offline: new Set(rows.filter((row) => row.offline).map((row) => row.id)),
  };
}
