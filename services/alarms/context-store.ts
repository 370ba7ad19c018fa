import type { AlarmContext } from '#schemas/api/alarms.ts';
import type { Queryable } from '#infra/postgres.ts';

/** What helps to understand one alarm: how the same went before, and who can see the place. */

const similarMost = 10;
const camerasMost = 12;
/** Similar ones are counted so far back, days. */
const countedDays = 30;

/** @returns undefined when there is no such alarm */
export async function loadContext(db: Queryable, alarmId: number): Promise<AlarmContext | undefined> {
  const { rows } = await db.query<{
    ruleId: string;
    object: string;
    raisedAt: Date;
    deviceId: string;
    spaceId: string | null;
    parentId: string | null;
  }>(
    `select a.rule_id as "ruleId", a.object, a.raised_at as "raisedAt", a.device_id as "deviceId",
            s.id as "spaceId", s.parent_id as "parentId"
     from alarm a
     left join device d on d.id = a.device_id and d.valid_to = 'infinity'
     left join space s on s.id = d.space_id and s.valid_to = 'infinity'
     where a.id = $1`,
    [alarmId],
  );
  const [of] = rows;
  if (of === undefined) return undefined;
  const similar = await loadSimilar(db, { ...of, alarmId });
  const { rows: cameras } = await db.query<AlarmContext['cameras'][number]>(
    `select c.id, c.name, s.name as "spaceName", st.status, c.space_id = $1 as "samePlace"
     from device c
     left join space s on s.id = c.space_id and s.valid_to = 'infinity'
     left join device_status st on st.device_id = c.id
     where c.class = 'camera' and c.valid_to = 'infinity' and c.lifecycle = 'in-service' and c.id <> $3
       and (c.space_id = $1 or s.parent_id = $1 or c.space_id = $2 or s.parent_id = $2)
     order by c.space_id = $1 desc, s.parent_id = $1 desc, c.id limit $4`,
    [of.spaceId, of.parentId, of.deviceId, camerasMost],
  );
  return { similar, cameras };
}

async function loadSimilar(
  db: Queryable,
  of: {
    readonly ruleId: string;
    readonly object: string;
    readonly raisedAt: Date;
    readonly alarmId: number;
  },
): Promise<AlarmContext['similar']> {
  const { rows } = await db.query<
    Omit<AlarmContext['similar']['items'][number], 'raisedAt' | 'clearedAt'> & {
      raisedAt: Date;
      clearedAt: Date | null;
    }
  >(
    `select id::text as id, raised_at as "raisedAt", cleared_at as "clearedAt", value,
            acknowledged_by as "acknowledgedBy", comment
     from alarm where object = $1 and rule_id = $2 and id <> $3 and raised_at <= $4
     order by raised_at desc, id desc limit $5`,
    [of.object, of.ruleId, of.alarmId, of.raisedAt, similarMost],
  );
  const { rows: counted } = await db.query<{ count: number }>(
    `select count(*)::int as count from alarm
     where object = $1 and rule_id = $2 and id <> $3 and raised_at <= $4
       and raised_at > $4::timestamptz - $5 * interval '1 day'`,
    [of.object, of.ruleId, of.alarmId, of.raisedAt, countedDays],
  );
  return {
    count: counted[0]?.count ?? 0,
    days: countedDays,
    items: rows.map((row) => ({
      ...row,
      raisedAt: row.raisedAt.toISOString(),
      clearedAt: row.clearedAt?.toISOString() ?? null,
    })),
  };
}
