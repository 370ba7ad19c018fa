import type { ReportedAcknowledgement } from '#schemas/alarm-reported.ts';
import type { Queryable } from '#infra/postgres.ts';

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
