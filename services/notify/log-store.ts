import type { Delivery, DeliveryDetail, InboxItem } from '#schemas/api/notify.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { NoticeMessage } from './render.ts';

interface DeliveryRow {
  readonly id: number;
  readonly key: string;
  readonly alarmId: number | null;
  readonly kind: Delivery['kind'];
  readonly channel: string;
  readonly username: string | null;
  readonly state: Delivery['state'];
  readonly createdAt: Date;
  readonly dueAt: Date;
  readonly doneAt: Date | null;
  readonly attempts: number;
  readonly batch: string | null;
  readonly lastError: string | null;
  readonly message: NoticeMessage;
}

const deliveryColumns = `id, key, alarm_id as "alarmId", kind, channel_id as channel, username, state,
  created_at as "createdAt", due_at as "dueAt", done_at as "doneAt", attempts, batch, last_error as "lastError", message`;

function toDelivery({ message, batch, ...row }: DeliveryRow): Delivery {
  return {
    ...row,
    id: String(row.id),
    alarmId: row.alarmId === null ? null : String(row.alarmId),
    rule: message.facts?.rule ?? null,
    deviceName: message.facts?.deviceName ?? null,
    severity: message.facts?.severity ?? null,
    createdAt: row.createdAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    doneAt: row.doneAt?.toISOString() ?? null,
    digest: batch !== null,
  };
}

/** Newest first. */
export async function listDeliveries(
  db: Queryable,
  query: {
    readonly before: number | null;
    readonly limit: number;
    readonly state: string | null;
    readonly channel: string | null;
    readonly username: string | null;
    readonly alarmId: number | null;
  },
): Promise<Delivery[]> {
  const { rows } = await db.query<DeliveryRow>(
    `select ${deliveryColumns} from delivery
     where ($1::int8 is null or id < $1) and ($3::text is null or state = $3)
       and ($4::text is null or channel_id = $4) and ($5::text is null or username = $5)
       and ($6::int8 is null or alarm_id = $6)
     order by id desc limit $2`,
    [query.before, query.limit, query.state, query.channel, query.username, query.alarmId],
  );
  return rows.map(toDelivery);
}

/** Undefined where there is none. */
export async function findDelivery(db: Queryable, id: number): Promise<DeliveryDetail | undefined> {
  const { rows } = await db.query<DeliveryRow>(`select ${deliveryColumns} from delivery where id = $1`, [id]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { rows: log } = await db.query<Omit<DeliveryDetail['log'][number], 'at'> & { at: Date }>(
    `select at, duration_ms as "durationMs", outcome, code, excerpt from delivery_attempt
     where delivery_id = $1 order by id desc limit 500`,
    [id],
  );
  return { ...toDelivery(row), log: log.map((entry) => ({ ...entry, at: entry.at.toISOString() })) };
}

/** A dead message is tried again, from now on as long as any other. @returns whether it was dead */
export async function reviveDelivery(client: Queryable, id: number, nowMs: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `update delivery set state = 'waiting', due_at = to_timestamp($2::float8 / 1000),
       since = to_timestamp($2::float8 / 1000), done_at = null
     where id = $1 and state = 'dead'`,
    [id, nowMs],
  );
  return rowCount !== 0;
}

/** By key; undefined where there is none. */
export async function deliveryIdOf(db: Queryable, key: string): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>('select id from delivery where key = $1', [key]);
  return rows[0]?.id;
}

/** What came to somebody's console and was not on screen yet, newest first. */
export async function listInbox(db: Queryable, username: string, limit: number): Promise<InboxItem[]> {
  const { rows } = await db.query<Pick<DeliveryRow, 'id' | 'alarmId' | 'kind' | 'message'> & { at: Date }>(
    `select id, alarm_id as "alarmId", kind, message, created_at as at from delivery
     where username = $1 and kind <> 'test' and state = 'delivered' and seen_at is null and channel_id in (
       select id from notify_setting where kind = 'channel' and definition -> 'config' ->> 'kind' = 'console')
     order by id desc limit $2`,
    [username, limit],
  );
  return rows.map(({ id, alarmId, kind, message, at }) => ({
    id: String(id),
    kind,
    alarmId: alarmId === null ? null : String(alarmId),
    severity: message.facts?.severity ?? null,
    rule: message.facts?.rule ?? null,
    deviceName: message.facts?.deviceName ?? null,
    at: at.toISOString(),
  }));
}

/** That one and everything before it. */
export async function markInboxSeen(
  client: Queryable,
  seen: { readonly username: string; readonly id: number; readonly nowMs: number },
): Promise<void> {
  await client.query(
    `update delivery set seen_at = to_timestamp($3::float8 / 1000)
     where username = $1 and id <= $2 and kind <> 'test' and state = 'delivered' and seen_at is null and channel_id in (
       select id from notify_setting where kind = 'channel' and definition -> 'config' ->> 'kind' = 'console')`,
    [seen.username, seen.id, seen.nowMs],
  );
}

/** How many messages wait for each channel. */
export async function countWaiting(db: Queryable): Promise<Map<string, number>> {
  const { rows } = await db.query<{ channelId: string; count: number }>(
    `select channel_id as "channelId", count(*)::int as count from delivery where state = 'waiting' group by channel_id`,
  );
  return new Map(rows.map((row) => [row.channelId, row.count]));
}
