import type { AlarmTransition } from '#schemas/alarm.ts';
import { plainReason } from '#schemas/alarm-facts.ts';
import { deviceActor, type ReportedAcknowledgement } from '#schemas/alarm-reported.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { DeviceAcknowledgement } from './event-meaning.ts';
import { appendTransitions } from './transition-store.ts';

/** Older ones are no longer passed on: the device has had its day. */
const keptDays = 7;

/** Notes that an alarm which a device reported was acknowledged; others are left out. */
export async function noteAcknowledgement(
  client: Queryable,
  row: { readonly alarmId: number; readonly actor: string; readonly comment: string; readonly atMs: number },
): Promise<void> {
  await client.query(
    `insert into alarm_acknowledgement (alarm_id, device_id, key, actor, comment, at)
     select id, device_id, substr(object, strpos(object, '#') + 1), $2, $3, to_timestamp($4::float8 / 1000)
     from alarm where id = $1 and strpos(object, '#') > 0`,
    [row.alarmId, row.actor, row.comment, row.atMs],
  );
}

/** Those that no gateway has passed on yet, oldest first. */
export async function waitingAcknowledgements(
  db: Queryable,
  after: number,
  limit: number,
): Promise<ReportedAcknowledgement[]> {
  const { rows } = await db.query<ReportedAcknowledgement>(
    `select id, device_id as "deviceId", key, actor, comment, (extract(epoch from at) * 1000)::float8 as "atMs"
     from alarm_acknowledgement
     where passed_at is null and id > $1 and at > now() - $3 * interval '1 day' order by id limit $2`,
    [after, limit, keptDays],
  );
  return rows;
}

export async function markPassed(db: Queryable, id: number): Promise<void> {
  await db.query('update alarm_acknowledgement set passed_at = now() where id = $1 and passed_at is null', [
    id,
  ]);
}

/**
 * Acknowledges what was acknowledged at the devices: every occurrence that had begun by then and that nobody has
 * acknowledged. Nothing of it goes back to the device; saying it again changes nothing.
 * @returns the transitions that were written
 */
export async function acknowledgeReported(
  client: Queryable,
  acknowledged: readonly DeviceAcknowledgement[],
  nowMs: number,
): Promise<AlarmTransition[]> {
  if (acknowledged.length === 0) return [];
  const told = acknowledged.map(({ deviceId: device, by, text }) => {
    return { code: 'acknowledged-at-device', device, by, text } as const;
  });
  // An acknowledgement of the future cannot be: the device's clock is ahead.
  const timesMs = acknowledged.map(({ timeMs }) => Math.min(timeMs, nowMs));
  const { rows } = await client.query<{ id: number; place: number; timeMs: number; turn: number }>(
    `with found as (
       select distinct on (a.id) a.id, n.place, n.actor, n.comment, greatest(n.time, a.raised_at) as time,
              (select count(*) from alarm_transition t where t.alarm_id = a.id and t.kind = 'acknowledged')::int as turn
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[]) with ordinality
         as given (rule_id, object, actor, comment, time_ms, place)
       cross join lateral (select given.*, to_timestamp(given.time_ms / 1000) as time) n
       join alarm a on a.rule_id = n.rule_id and a.object = n.object
                   and a.acknowledged_at is null and not a.settled and a.onset <= n.time
       where not exists (select from alarm_transition t where t.alarm_id = a.id and t.kind = 'acknowledged'
                         and t.actor = n.actor and t.time = greatest(n.time, a.raised_at))
       order by a.id, n.place
     )
     update alarm a set acknowledged_at = found.time, acknowledged_by = found.actor, comment = found.comment
     from found where a.id = found.id
     returning a.id, found.place::int as place, found.turn, (extract(epoch from found.time) * 1000)::float8 as "timeMs"`,
    [
      acknowledged.map(({ ruleId }) => ruleId),
      acknowledged.map(({ object }) => object),
      acknowledged.map(({ deviceId }) => deviceActor(deviceId)),
      told.map(plainReason),
      timesMs,
    ],
  );
  return appendTransitions(
    client,
    rows.flatMap(({ id, place, timeMs, turn }) => {
      const facts = told[place - 1];
      if (facts === undefined) return [];
      const row = { alarmId: id, kind: 'acknowledged', key: turn === 0 ? '' : `again ${turn}` } as const;
      return [
        { ...row, timeMs, actor: deviceActor(facts.device), reason: plainReason(facts), facts, value: null },
      ];
    }),
  );
}

/** More than these are not standing alarms but a fault of their source. */
const openMost = 50_000;

/** Alarms that devices have reported and that are active, of keys with this beginning. */
export async function openReportedAlarms(
  db: Queryable,
  keyPrefix: string,
): Promise<{ deviceId: string; key: string }[]> {
  const { rows } = await db.query<{ deviceId: string; key: string }>(
    `select device_id as "deviceId", substr(object, strpos(object, '#') + 1) as key
     from alarm where cleared_at is null and strpos(object, '#' || $1) > 0 limit $2`,
    [keyPrefix, openMost],
  );
  return rows;
}
