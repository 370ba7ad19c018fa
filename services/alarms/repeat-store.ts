import type { AlarmTransition } from '#schemas/alarm.ts';
import { chatterCount, chatterWindowMs } from '#schemas/alarm-figures.ts';
import type { Queryable } from '#infra/postgres.ts';
import { bySystem, endSuppression } from './maintenance-store.ts';
import { appendTransitions } from './transition-store.ts';

/**
 * Repeats of an alarm that chatters (DOMAIN of alarm systems: three activations in a minute) are recorded, and only
 * the first one asks for anybody: as long as it is unacknowledged it stands for all of them.
 * @param transitions what was raised and cleared in this transaction
 */
export async function followRepeats(
  client: Queryable,
  transitions: readonly AlarmTransition[],
  nowMs: number,
): Promise<AlarmTransition[]> {
  const raised = transitions.filter((each) => each.kind === 'raised').map((each) => each.alarmId);
  if (raised.length === 0) return [];
  const { rows } = await client.query<{ id: number; alarm: string; count: number }>(
    `with repeats as (
       select a.id, first.id as first_id, recent.count from alarm a
       cross join lateral (
         select count(*)::int as count from alarm b
         where b.object = a.object and b.rule_id = a.rule_id and b.raised_at <= a.raised_at
           and b.raised_at > a.raised_at - $2 * interval '1 ms'
       ) recent
       cross join lateral (
         select f.id from alarm f
         where f.object = a.object and f.rule_id = a.rule_id and f.id <> a.id and f.raised_at <= a.raised_at
           and not f.settled and f.acknowledged_at is null and f.suppressed_at is null
         order by f.raised_at, f.id limit 1
       ) first
       where a.id = any($1::int8[]) and a.suppressed_at is null and recent.count >= $3
     )
     update alarm a set suppressed_at = a.raised_at, suppressed_by = 'repeat:' || r.first_id,
       suppressed_reason = 'repeats alarm ' || r.first_id || ': ' || r.count || ' within ' || $2::int / 1000 || ' s'
     from repeats r where a.id = r.id returning a.id, r.first_id::text as alarm, r.count`,
    [raised, chatterWindowMs, chatterCount],
  );
  return appendTransitions(
    client,
    rows.map(({ id, alarm, count }) => {
      const facts = { code: 'repeats', alarm, count, windowMs: chatterWindowMs } as const;
      return bySystem({ id, kind: 'suppressed', facts }, nowMs);
    }),
  );
}

/** A repeat that stands for longer than chatter does, or whose first one somebody took up, is an alarm of its own. */
export async function reviewRepeats(client: Queryable, nowMs: number): Promise<AlarmTransition[]> {
  const { rows } = await client.query<{ id: number; alarm: string }>(
    `select a.id, split_part(a.suppressed_by, ':', 2) as alarm from alarm a
     where a.cleared_at is null and a.suppressed_by like 'repeat:%'
       and (a.raised_at <= to_timestamp($1::float8 / 1000) - $2 * interval '1 ms'
            or not exists (select from alarm f
                           where f.id = split_part(a.suppressed_by, ':', 2)::int8 and f.acknowledged_at is null))
     order by a.id for no key update of a`,
    [nowMs, chatterWindowMs],
  );
  return endSuppression(
    client,
    rows.map(({ id, alarm }) => ({ id, facts: { code: 'repeat-over', alarm } })),
    nowMs,
  );
}
