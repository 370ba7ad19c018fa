import { randomUUID } from 'node:crypto';
import type { AlarmTransition } from '#schemas/alarm.ts';
import type { Queryable } from '#infra/postgres.ts';
import { appendTransitions, type NewTransition } from './transition-store.ts';

export type HoldKind = 'shelved' | 'out-of-service';

export interface Hold {
  readonly ruleId: string;
  readonly pointId: number;
  readonly kind: HoldKind;
  readonly alarmId: number;
  readonly oneShot: boolean;
  readonly sinceMs: number;
  readonly untilMs: number | null;
  readonly actor: string;
  readonly reason: string;
}

/** Begins a hold, or sets one that stands anew. */
export async function putHold(client: Queryable, hold: Hold): Promise<void> {
  await client.query(
    `insert into alarm_hold (rule_id, point_id, kind, alarm_id, one_shot, since, until, actor, reason)
     values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000), $8, $9)
     on conflict (rule_id, point_id, kind) do update
       set alarm_id = excluded.alarm_id, one_shot = excluded.one_shot, since = excluded.since,
           until = excluded.until, actor = excluded.actor, reason = excluded.reason`,
    [
      hold.ruleId,
      hold.pointId,
      hold.kind,
      hold.alarmId,
      hold.oneShot,
      hold.sinceMs,
      hold.untilMs,
      hold.actor,
      hold.reason,
    ],
  );
}

/** @returns whether there was one */
export async function deleteHold(
  client: Queryable,
  hold: Pick<Hold, 'ruleId' | 'pointId' | 'kind'>,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'delete from alarm_hold where rule_id = $1 and point_id = $2 and kind = $3',
    [hold.ruleId, hold.pointId, hold.kind],
  );
  return rowCount !== 0;
}

/**
 * Tells a new occurrence of the hold it was born into, and ends holds that were to end with an occurrence.
 * @param transitions what was raised and cleared in this transaction
 * @returns the transitions that were written
 */
export async function followHolds(
  client: Queryable,
  transitions: readonly AlarmTransition[],
  nowMs: number,
): Promise<AlarmTransition[]> {
  const idsOf = (kind: string) =>
    transitions.filter((each) => each.kind === kind).map((each) => each.alarmId);
  const born = await client.query<{ alarmId: number; kind: HoldKind; actor: string; reason: string }>(
    `select a.id as "alarmId", h.kind, h.actor, h.reason from alarm a
     join alarm_hold h on h.rule_id = a.rule_id and h.point_id = a.point_id where a.id = any($1::int8[])`,
    [idsOf('raised')],
  );
  const ended = await client.query<{ alarmId: number }>(
    `delete from alarm_hold where one_shot and alarm_id = any($1::int8[]) returning alarm_id as "alarmId"`,
    [idsOf('cleared')],
  );
  const rows: NewTransition[] = [
    ...born.rows.map((row) => ({ ...row, key: 'raised', timeMs: nowMs, value: null })),
    ...ended.rows.map((row) => unshelved(row.alarmId, { timeMs: nowMs, reason: 'the alarm has cleared' })),
  ];
  return rows.length === 0 ? [] : appendTransitions(client, rows);
}

export async function hasExpiredHold(db: Queryable, nowMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    'select from alarm_hold where until <= to_timestamp($1::float8 / 1000) limit 1',
    [nowMs],
  );
  return rowCount !== 0;
}

/** Ends what is shelved no longer, at the occurrence it was asked for and at those open now. */
export async function expireHolds(client: Queryable, nowMs: number): Promise<AlarmTransition[]> {
  const { rows } = await client.query<{ alarmId: number; untilMs: number }>(
    `with ended as (
       delete from alarm_hold where until <= to_timestamp($1::float8 / 1000)
       returning rule_id, point_id, alarm_id, until
     )
     select a.id as "alarmId", (extract(epoch from e.until) * 1000)::float8 as "untilMs"
     from ended e join alarm a on a.id = e.alarm_id
       or a.rule_id = e.rule_id and a.point_id = e.point_id
          and (a.cleared_at is null or a.acknowledged_at is null)
     order by a.id`,
    [nowMs],
  );
  if (rows.length === 0) return [];
  return appendTransitions(
    client,
    rows.map((row) => unshelved(row.alarmId, { timeMs: row.untilMs, reason: 'the time is up' })),
  );
}

function unshelved(alarmId: number, told: { timeMs: number; reason: string }): NewTransition {
  return { alarmId, kind: 'unshelved', key: randomUUID(), actor: 'system', value: null, ...told };
}
