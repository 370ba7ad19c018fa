import { randomUUID } from 'node:crypto';
import { plainReason, type AlarmFacts } from '#schemas/alarm-facts.ts';
import type { AlarmTransition } from '#schemas/alarm.ts';
import type { Queryable } from '#infra/postgres.ts';
import { appendTransitions, type NewTransition } from './transition-store.ts';

export type HoldKind = 'shelved' | 'out-of-service';

export interface Hold {
  readonly ruleId: string;
  readonly object: string;
  readonly kind: HoldKind;
  readonly alarmId: number;
  readonly oneShot: boolean;
  readonly sinceMs: number;
  readonly untilMs: number | null;
  readonly actor: string;
  readonly reason: string;
}

/** Begins a hold, or sets one that stands anew: then what was so far is kept as one that ended. */
export async function putHold(client: Queryable, hold: Hold): Promise<void> {
  await client.query(
    `insert into alarm_held (kind, rule_id, object, since, until, actor, reason)
     select kind, rule_id, object, since, to_timestamp($4::float8 / 1000), actor, reason from alarm_hold
     where rule_id = $1 and object = $2 and kind = $3 and since < to_timestamp($4::float8 / 1000)`,
    [hold.ruleId, hold.object, hold.kind, hold.sinceMs],
  );
  await client.query(
    `insert into alarm_hold (rule_id, object, kind, alarm_id, one_shot, since, until, actor, reason)
     values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000), $8, $9)
     on conflict (rule_id, object, kind) do update
       set alarm_id = excluded.alarm_id, one_shot = excluded.one_shot, since = excluded.since,
           until = excluded.until, actor = excluded.actor, reason = excluded.reason`,
    [
      hold.ruleId,
      hold.object,
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

/** What a statement that took holds away, as `gone`, leaves behind: that they were. `$1` is the time now, epoch ms. */
const keepGone = `kept as (
  insert into alarm_held (kind, rule_id, object, since, until, actor, reason)
  select kind, rule_id, object, since,
         greatest(since, least(coalesce(until, 'infinity'), to_timestamp($1::float8 / 1000))), actor, reason
  from gone
)`;

/** @returns whether there was one */
export async function deleteHold(
  client: Queryable,
  hold: Pick<Hold, 'ruleId' | 'object' | 'kind'>,
  nowMs: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `with gone as (delete from alarm_hold where rule_id = $2 and object = $3 and kind = $4 returning *), ${keepGone}
     select from gone`,
    [nowMs, hold.ruleId, hold.object, hold.kind],
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
     join alarm_hold h on h.rule_id = a.rule_id and h.object = a.object where a.id = any($1::int8[])`,
    [idsOf('raised')],
  );
  const ended = await client.query<{ alarmId: number }>(
    `with gone as (delete from alarm_hold where one_shot and alarm_id = any($2::int8[]) returning *), ${keepGone}
     select alarm_id as "alarmId" from gone`,
    [nowMs, idsOf('cleared')],
  );
  await keepClearedSuppression(client, idsOf('cleared'));
  const rows: NewTransition[] = [
    ...born.rows.map((row) => ({ ...row, key: 'raised', timeMs: nowMs, value: null })),
    ...ended.rows.map((row) => unshelved(row.alarmId, nowMs, { code: 'alarm-cleared' })),
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

/**
 * Ends what is shelved no longer, at the occurrence it was asked for and at those open now. What is active then is
 * announced again: who acknowledged it before has to look once more.
 */
export async function expireHolds(client: Queryable, nowMs: number): Promise<AlarmTransition[]> {
  const { rows } = await client.query<{ alarmId: number; untilMs: number }>(
    `with gone as (delete from alarm_hold where until <= to_timestamp($1::float8 / 1000) returning *), ${keepGone}
     select a.id as "alarmId", (extract(epoch from e.until) * 1000)::float8 as "untilMs"
     from gone e join alarm a on a.id = e.alarm_id
       or a.rule_id = e.rule_id and a.object = e.object and not a.settled
     order by a.id`,
    [nowMs],
  );
  if (rows.length === 0) return [];
  await client.query(
    `update alarm set acknowledged_at = null, acknowledged_by = null, comment = null
     where id = any($1::int8[]) and cleared_at is null and acknowledged_at is not null`,
    [rows.map((row) => row.alarmId)],
  );
  return appendTransitions(
    client,
    rows.map((row) => unshelved(row.alarmId, row.untilMs, { code: 'time-up' })),
  );
}

/** What clears while it is suppressed stays so; for how long it was is kept. */
async function keepClearedSuppression(client: Queryable, alarmIds: readonly string[]): Promise<void> {
  if (alarmIds.length === 0) return;
  await client.query(
    `insert into alarm_held (kind, rule_id, object, since, until, actor, reason)
     select 'suppressed', rule_id, object, suppressed_at, cleared_at, 'system', suppressed_reason
     from alarm where id = any($1::int8[]) and suppressed_at < cleared_at`,
    [alarmIds],
  );
}

function unshelved(alarmId: number, timeMs: number, facts: AlarmFacts): NewTransition {
  const said = { key: randomUUID(), actor: 'system', reason: plainReason(facts), facts, value: null };
  return { alarmId, kind: 'unshelved', timeMs, ...said };
}
