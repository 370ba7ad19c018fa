import { bucketMs } from '#schemas/alarm-figures.ts';
import type { AlarmFlood, FloodCause } from '#schemas/api/alarm-figures.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import { announced } from './facts-store.ts';
import { followFlood, groupByCause, type FloodAlarm, type FloodState } from './flood.ts';

/** Alarms of one flood that are grouped; the newest. */
const groupedMost = 5_000;

interface Running {
  readonly id: number;
  readonly position: string;
  readonly beganMs: number;
  readonly peak: number;
}

/** Looks at every position: begins floods, tells what those that go on are made of, and ends them. */
export async function reviewFloods(
  db: Database,
  {
    nowMs,
    fence,
  }: { readonly nowMs: number; readonly fence?: ((client: Queryable) => Promise<void>) | undefined },
): Promise<void> {
  const running = await loadRunning(db);
  const recent = await loadRecent(db, nowMs);
  const positions = new Set([...running.keys(), ...recent.keys()]);
  for (const position of positions) {
    const before = running.get(position);
    const state: FloodState = { beganMs: before?.beganMs ?? null, peak: before?.peak ?? 0 };
    const next = followFlood(state, recent.get(position) ?? [], nowMs);
    if (before === undefined && next.beganMs === null) continue;
    await transaction(db, async (client) => {
      await saveFlood(client, { before, position, next, nowMs });
      await fence?.(client);
    });
  }
}

async function saveFlood(
  client: Queryable,
  flood: {
    readonly before: Running | undefined;
    readonly position: string;
    readonly next: FloodState;
    readonly nowMs: number;
  },
): Promise<void> {
  const { before, position, next, nowMs } = flood;
  const beganMs = before?.beganMs ?? next.beganMs ?? nowMs;
  const alarms = await loadFloodAlarms(client, position, beganMs);
  const causes = JSON.stringify(groupByCause(alarms));
  if (before === undefined) {
    await client.query(
      `insert into alarm_flood (position, began_at, announced, peak, causes)
       values ($1, to_timestamp($2::float8 / 1000), $3, $4, $5::jsonb)`,
      [position, beganMs, alarms.length, next.peak, causes],
    );
    return;
  }
  const isOver = next.beganMs === null;
  await client.query(
    `update alarm_flood set announced = $2, peak = $3, causes = $4::jsonb,
            ended_at = case when $5 then to_timestamp($6::float8 / 1000) end
     where id = $1`,
    [before.id, alarms.length, next.peak, causes, isOver, nowMs],
  );
  if (!isOver) return;
  await appendAudit(client, {
    actor: 'system',
    action: 'alarm-flood.end',
    object: `alarm-flood:${before.id}`,
    after: { position, announced: alarms.length, peak: next.peak },
  });
}

async function loadRunning(db: Queryable): Promise<Map<string, Running>> {
  const { rows } = await db.query<Running>(
    `select id, position, (extract(epoch from began_at) * 1000)::float8 as "beganMs", peak
     from alarm_flood where ended_at is null`,
  );
  return new Map(rows.map((row) => [row.position, row]));
}

/** When alarms were announced in the last ten minutes, by position, ascending. */
async function loadRecent(db: Queryable, nowMs: number): Promise<Map<string, number[]>> {
  const { rows } = await db.query<{ position: string; timesMs: number[] }>(
    `select a.position, array_agg((extract(epoch from a.raised_at) * 1000)::float8 order by a.raised_at) as "timesMs"
     from alarm a
     where a.raised_at > to_timestamp(($1::float8 - $2) / 1000) and a.raised_at <= to_timestamp($1::float8 / 1000)
       and ${announced}
     group by a.position`,
    [nowMs, bucketMs],
  );
  return new Map(rows.map((row) => [row.position, row.timesMs]));
}

async function loadFloodAlarms(db: Queryable, position: string, sinceMs: number): Promise<FloodAlarm[]> {
  const { rows } = await db.query<FloodAlarm>(
    `select a.id::text as id, a.severity, a.acknowledged_at is not null as acknowledged,
            (extract(epoch from a.raised_at) * 1000)::float8 as "raisedMs", a.device_id as "deviceId",
            coalesce(d.name, a.device_id) as "deviceName", above.id as "parentId", above.name as "parentName",
            case when r.definition -> 'condition' ->> 'kind' = 'stale' then st.source end as "silentSource",
            a.rule_id as "ruleId", r.definition ->> 'name' as "ruleName", r.definition ->> 'nameEn' as "ruleNameEn",
            s.id as "spaceId", s.name as "spaceName"
     from alarm a
     join alarm_rule r on r.id = a.rule_id and r.version = a.rule_version
     left join device d on d.id = a.device_id and d.valid_to = 'infinity'
     left join device above on above.valid_to = 'infinity' and above.id = coalesce(
       d.attributes ->> 'parentId', d.attributes ->> 'gatewayId', d.attributes ->> 'recorderId')
     left join space s on s.id = d.space_id and s.valid_to = 'infinity'
     left join device_status st on st.device_id = a.device_id
     where a.position = $1 and a.raised_at >= to_timestamp($2::float8 / 1000) and ${announced}
     order by a.raised_at desc limit $3`,
    [position, sinceMs, groupedMost],
  );
  return rows;
}

/** Floods that go on, by operator position. */
export async function runningFloods(db: Queryable): Promise<ReadonlyMap<string, number>> {
  return new Map([...(await loadRunning(db))].map(([position, { id }]) => [position, id]));
}

/** What a flood is made of as of now, with every alarm of each cause; nothing where there is no such flood. */
export async function causesOf(db: Queryable, floodId: number): Promise<FloodCause[]> {
  const { rows } = await db.query<{ position: string; beganMs: number }>(
    `select position, (extract(epoch from began_at) * 1000)::float8 as "beganMs" from alarm_flood where id = $1`,
    [floodId],
  );
  const [flood] = rows;
  if (flood === undefined) return [];
  return groupByCause(await loadFloodAlarms(db, flood.position, flood.beganMs), groupedMost);
}

/** Those that go on first, then newest first. */
export async function listFloods(db: Queryable, limit: number): Promise<AlarmFlood[]> {
  const { rows } = await db.query<
    Omit<AlarmFlood, 'beganAt' | 'endedAt'> & { beganAt: Date; endedAt: Date | null; causes: FloodCause[] }
  >(
    `select id::text as id, position, began_at as "beganAt", ended_at as "endedAt", announced, peak, causes
     from alarm_flood order by ended_at is not null, id desc limit $1`,
    [limit],
  );
  return rows.map((row) => ({
    ...row,
    beganAt: row.beganAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  }));
}
