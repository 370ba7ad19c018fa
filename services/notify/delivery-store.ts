import { severities } from '#schemas/device-class.ts';
import type { DeliveryState, NoticeKind } from '#schemas/notify.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { Attempt } from './channels/channel.ts';
import { floodIntervalMs } from './flood-digest.ts';
import type { NoticeMessage } from './render.ts';

export interface NewDelivery {
  /** See {@link deliveryKey}. */
  readonly key: string;
  readonly noticeId: number | null;
  readonly channelId: string;
  readonly username: string | null;
  readonly digest: boolean;
  /** Of the flood that it is told with; absent where it is told by itself. */
  readonly floodId?: number | undefined;
  readonly dueMs: number;
  readonly message: NoticeMessage;
}

/** What is said, of which transition, at which step, to whom, by what. */
export function deliveryKey(of: {
  readonly transitionId: number;
  readonly kind: NoticeKind;
  readonly step: number;
  readonly repeat: number;
  readonly username: string | null;
  readonly channelId: string;
}): string {
  const { transitionId, kind, step, repeat, username, channelId } = of;
  return [transitionId, kind, `${step}.${repeat}`, username ?? '', channelId].join('/');
}

/** Of a test: somebody sits before it and waits. Of a report: everything else goes first. */
const testRank = -1;
const reportRank = severities.length;

/** Messages that never become one with others. */
const alone: ReadonlySet<NoticeKind> = new Set(['test', 'report']);

/** Which of these keys name messages that are planned already. */
export async function knownKeys(db: Queryable, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ key: string }>('select key from delivery where key = any($1::text[])', [
    keys,
  ]);
  return new Set(rows.map(({ key }) => key));
}

function rankOf({ kind, facts }: NoticeMessage): number {
  if (facts !== null) return severities.indexOf(facts.severity);
  return kind === 'report' ? reportRank : testRank;
}

/** Plans messages; one whose key is there already changes nothing. @returns how many are new */
export async function insertDeliveries(
  client: Queryable,
  deliveries: readonly NewDelivery[],
  nowMs: number,
): Promise<number> {
  if (deliveries.length === 0) return 0;
  const ranks = deliveries.map(({ message }) => rankOf(message));
  const { rowCount } = await client.query(
    `insert into delivery (key, notice_id, alarm_id, channel_id, username, kind, rank, digest, created_at, due_at, since,
                           message, flood_id)
     select key, notice_id, alarm_id, channel_id, username, kind, rank, digest, to_timestamp($11::float8 / 1000),
            to_timestamp(due_ms / 1000), to_timestamp(due_ms / 1000), message, flood_id
     from unnest($1::text[], $2::int8[], $3::int8[], $4::text[], $5::text[], $6::text[], $7::int2[], $8::bool[],
                 $9::float8[], $10::jsonb[], $12::int8[])
       as n (key, notice_id, alarm_id, channel_id, username, kind, rank, digest, due_ms, message, flood_id)
     on conflict (key) do nothing`,
    [
      deliveries.map((each) => each.key),
      deliveries.map((each) => each.noticeId),
      deliveries.map((each) => each.message.facts?.alarmId ?? null),
      deliveries.map((each) => each.channelId),
      deliveries.map((each) => each.username),
      deliveries.map((each) => each.message.kind),
      ranks,
      deliveries.map((each) => each.digest),
      deliveries.map((each) => each.dueMs),
      deliveries.map((each) => JSON.stringify(each.message)),
      nowMs,
      deliveries.map((each) => each.floodId ?? null),
    ],
  );
  return rowCount ?? 0;
}

/** What asks somebody to act and has not gone out yet: nobody needs to any more. */
export async function cancelWaiting(
  client: Queryable,
  alarmIds: readonly number[],
  why: { readonly reason: string; readonly nowMs: number },
): Promise<void> {
  if (alarmIds.length === 0) return;
  await client.query(
    `update delivery set state = 'cancelled', done_at = to_timestamp($2::float8 / 1000), last_error = $3
     where alarm_id = any($1::int8[]) and state = 'waiting' and kind not in ('acknowledged', 'cleared', 'assigned', 'test')`,
    [alarmIds, why.nowMs, why.reason],
  );
}

/** Whom something was said to about an alarm along a route, whether or not it has arrived. */
export async function toldOf(
  client: Queryable,
  alarmIds: readonly number[],
): Promise<
  readonly {
    alarmId: number;
    routeId: string;
    noticeId: number;
    channelId: string;
    username: string | null;
  }[]
> {
  const { rows } = await client.query<{
    alarmId: number;
    routeId: string;
    noticeId: number;
    channelId: string;
    username: string | null;
  }>(
    `select d.alarm_id as "alarmId", n.route_id as "routeId", max(n.id) as "noticeId", d.channel_id as "channelId",
            d.username
     from delivery d join notice n on n.id = d.notice_id
     where d.alarm_id = any($1::int8[]) and d.state in ('sending', 'delivered', 'waiting')
       and d.kind not in ('acknowledged', 'cleared')
     group by d.alarm_id, n.route_id, d.channel_id, d.username`,
    [alarmIds],
  );
  return rows;
}

/** A message that goes out now. */
export interface Claimed {
  readonly id: number;
  readonly key: string;
  readonly noticeId: number | null;
  readonly username: string | null;
  readonly kind: NoticeKind;
  readonly attempts: number;
  readonly sinceMs: number;
  readonly batch: string | null;
  /** Of the flood that it is told with. */
  readonly floodId: number | null;
  readonly message: NoticeMessage;
}

const claimedColumns = `d.id, d.key, d.notice_id as "noticeId", d.username, d.kind, d.attempts,
  (extract(epoch from d.since) * 1000)::float8 as "sinceMs", d.batch, d.flood_id as "floodId", d.message`;

export interface Claim {
  readonly channelId: string;
  readonly nowMs: number;
  /** Messages to the same reader that may become one; 1 where the channel never puts any together. */
  readonly most: number;
  /** So many that wait become one, though none is of a digest. */
  readonly foldFrom: number;
  /** Messages of one flood to the same reader that become one. */
  readonly floodMost: number;
}

/** What goes first, and decides what goes with it. */
interface Head {
  readonly id: number;
  readonly key: string;
  readonly kind: NoticeKind;
  readonly username: string | null;
  readonly digest: boolean;
  readonly batch: string | null;
  readonly floodId: number | null;
}

/**
 * Takes the gravest, longest due message of a channel, with those that go with it; they stay `sending` until
 * {@link settle} or, when this process dies, {@link releaseSending}.
 */
export async function claim(client: Queryable, asked: Claim): Promise<Claimed[]> {
  const { channelId, nowMs, most, foldFrom } = asked;
  const { rows: first } = await client.query<Head>(
    `select id, key, kind, username, digest, batch, flood_id as "floodId" from delivery
     where channel_id = $1 and state = 'waiting' and due_at <= to_timestamp($2::float8 / 1000)
     order by rank, due_at, id limit 1 for update skip locked`,
    [channelId, nowMs],
  );
  const [head] = first;
  if (head === undefined) return [];
  const isFlood = head.floodId !== null;
  const group = isFlood
    ? await floodOf(client, { ...asked, head })
    : await groupOf(client, { ...asked, head });
  const isAlone = most === 1 || alone.has(head.kind);
  const isFolded = isFlood || (!isAlone && (head.batch !== null || head.digest || group.length >= foldFrom));
  const ids = isFolded ? group : [head.id];
  const batch = head.batch ?? (ids.length > 1 ? `batch/${head.key}` : null);
  const { rows } = await client.query<Claimed>(
    `update delivery d set state = 'sending', attempts = d.attempts + 1, batch = $2
     where d.id = any($1::int8[]) returning ${claimedColumns}`,
    [ids, batch],
  );
  return rows.toSorted((a, b) => a.id - b.id);
}

async function groupOf(
  client: Queryable,
  { channelId, nowMs, most, head }: Claim & { readonly head: Head },
): Promise<number[]> {
  if (most === 1) return [head.id];
  const { rows } = await client.query<{ id: number }>(
    `select id from delivery
     where channel_id = $1 and state = 'waiting' and username is not distinct from $3
       and case when $4::text is null then batch is null and flood_id is null and due_at <= to_timestamp($2::float8 / 1000)
                     and kind not in ('test', 'report')
                else batch = $4 end
     order by rank, due_at, id limit $5 for update skip locked`,
    [channelId, nowMs, head.username, head.batch, most],
  );
  return rows.map((row) => row.id);
}

/** Of one flood, those that would follow within its interval too: one that cannot wait takes the others along. */
async function floodOf(
  client: Queryable,
  { channelId, nowMs, floodMost, head }: Claim & { readonly head: Head },
): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `select id from delivery
     where channel_id = $1 and state = 'waiting' and username is not distinct from $3 and flood_id = $5
       and case when $4::text is null
                then batch is null and due_at <= to_timestamp(($2::float8 + $7) / 1000) else batch = $4 end
     order by rank, due_at, id limit $6 for update skip locked`,
    [channelId, nowMs, head.username, head.batch, head.floodId, floodMost, floodIntervalMs],
  );
  return rows.map((row) => row.id);
}

/** What a process that died was sending is sent again, with the same keys. @returns how many */
export async function releaseSending(client: Queryable): Promise<number> {
  const { rowCount } = await client.query(`update delivery set state = 'waiting' where state = 'sending'`);
  return rowCount ?? 0;
}

export interface Settlement {
  readonly ids: readonly number[];
  readonly state: Extract<DeliveryState, 'waiting' | 'delivered' | 'dead'>;
  readonly attempt: Attempt;
  readonly channelId: string;
  readonly startedMs: number;
  readonly durationMs: number;
  readonly nowMs: number;
  /** When it is tried again; only with `waiting`. */
  readonly dueMs: number;
}

/** What came of an attempt, and the attempt itself. */
export async function settle(client: Queryable, settlement: Settlement): Promise<void> {
  const { ids, state, attempt, channelId, startedMs, durationMs, nowMs, dueMs } = settlement;
  const told = attempt.outcome === 'delivered' ? null : `${attempt.code} ${attempt.excerpt}`.trim();
  await client.query(
    `update delivery set state = $2, last_error = $3,
       done_at = case when $2 = 'waiting' then null else to_timestamp($4::float8 / 1000) end,
       due_at = case when $2 = 'waiting' then to_timestamp($5::float8 / 1000) else due_at end
     where id = any($1::int8[])`,
    [ids, state, told, nowMs, dueMs],
  );
  await client.query(
    `insert into delivery_attempt (delivery_id, channel_id, at, duration_ms, outcome, code, excerpt)
     select id, $2, to_timestamp($3::float8 / 1000), $4, $5, $6, $7 from unnest($1::int8[]) as n (id)`,
    [ids, channelId, startedMs, Math.round(durationMs), attempt.outcome, attempt.code, attempt.excerpt],
  );
}

/** Times of the messages that a channel sent lately, epoch ms: a restart does not forget its rate. */
export async function recentAttempts(
  db: Queryable,
  sinceMs: number,
): Promise<{ channelId: string; atMs: number }[]> {
  const { rows } = await db.query<{ channelId: string; atMs: number }>(
    `select channel_id as "channelId", (extract(epoch from at) * 1000)::float8 as "atMs"
     from delivery_attempt where at > to_timestamp($1::float8 / 1000) group by channel_id, at order by at limit 10000`,
    [sinceMs],
  );
  return rows;
}

/** Channels for which something waits, with when the first of it is due. */
export async function waitingChannels(db: Queryable): Promise<{ channelId: string; dueMs: number }[]> {
  const { rows } = await db.query<{ channelId: string; dueMs: number }>(
    `select channel_id as "channelId", (extract(epoch from min(due_at)) * 1000)::float8 as "dueMs"
     from delivery where state = 'waiting' group by channel_id`,
  );
  return rows;
}

/** Deletes messages that are older, and then the tellings they belonged to, a batch at a time. */
export async function pruneDeliveries(client: Queryable, beforeMs: number, limit: number): Promise<void> {
  await client.query(
    `delete from delivery where id in (
       select id from delivery where done_at < to_timestamp($1::float8 / 1000) order by done_at limit $2)`,
    [beforeMs, limit],
  );
  await client.query(
    `delete from notice where id in (
       select n.id from notice n
       where n.ended_at < to_timestamp($1::float8 / 1000) and not exists (select from delivery d where d.notice_id = n.id)
       order by n.ended_at limit $2)`,
    [beforeMs, limit],
  );
}
