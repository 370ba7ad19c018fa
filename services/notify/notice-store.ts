import type { Queryable } from '#infra/postgres.ts';
import type { AlarmTransition } from '#schemas/alarm.ts';
import type { AlarmFacts } from '#schemas/alarm-facts.ts';
import type { Progress } from './escalation.ts';

/** A transition that nobody has been told of yet. */
export interface NewTransition {
  readonly id: number;
  readonly alarmId: number;
  readonly kind: AlarmTransition['kind'];
  readonly actor: string;
  /** Null where nobody but a person said why. */
  readonly facts: AlarmFacts | null;
}

/**
 * Transitions that were not seen before, in the order of their ids, marked as seen; a page at most. The cursor goes on
 * once the page is not full. Id order is not commit order, so it is the oldest transaction that was still running.
 * @returns undefined where the cursor is ahead of the database, as after a restore: see {@link rewindCursor}
 */
export async function takeTransitions(
  client: Queryable,
  limit: number,
): Promise<NewTransition[] | undefined> {
  // One statement, one snapshot: a cursor read apart could be newer than the rows.
  const { rows } = await client.query<{ next: string; valid: boolean; xid: string } & NewTransition>(
    `select now.next::text as next, c.cursor <= now.newest as valid, found.*
     from notify_cursor c
     cross join (select pg_snapshot_xmin(pg_current_snapshot()) as next,
                        pg_snapshot_xmax(pg_current_snapshot()) as newest) now
     left join lateral (
       select t.id, t.alarm_id as "alarmId", t.kind, t.actor, t.facts, t.xid::text as xid from alarm_transition t
       where t.xid >= c.cursor and t.id > c.floor_id
         and not exists (select from notify_seen s where s.transition_id = t.id)
       order by t.id limit $1
     ) found on true
     order by found.id`,
    [limit],
  );
  const [first] = rows;
  if (first === undefined || !first.valid) return undefined;
  const found = rows.filter((row) => row.id !== null);
  if (found.length > 0) await markSeen(client, found);
  if (found.length < limit) {
    await client.query('update notify_cursor set cursor = $1::xid8 where cursor < $1::xid8', [first.next]);
    await client.query('delete from notify_seen where xid < $1::xid8', [first.next]);
  }
  return found.map(({ id, alarmId, kind, actor, facts }) => ({ id, alarmId, kind, actor, facts }));
}

async function markSeen(client: Queryable, found: readonly { id: number; xid: string }[]): Promise<void> {
  await client.query(
    `insert into notify_seen (transition_id, xid)
     select id, xid::xid8 from unnest($1::int8[], $2::text[]) as n (id, xid) on conflict do nothing`,
    [found.map((row) => row.id), found.map((row) => row.xid)],
  );
  await client.query('update notify_cursor set last_id = greatest(last_id, $1)', [found.at(-1)?.id ?? 0]);
}

/** After a restore transaction ids begin anew: what was seen is told by its id, and everything later is new. */
export async function rewindCursor(client: Queryable): Promise<void> {
  await client.query('delete from notify_seen');
  await client.query(`update notify_cursor set cursor = '0'::xid8, floor_id = last_id`);
}

export interface NewNotice {
  readonly alarmId: number;
  readonly transitionId: number;
  readonly routeId: string;
  readonly openedMs: number;
  readonly nextMs: number;
  /** It is over before it began, and only recorded; null: it begins. */
  readonly endReason: string | null;
}

/** Opens tellings; one of the same transition and route is opened once. */
export async function insertNotices(client: Queryable, notices: readonly NewNotice[]): Promise<void> {
  if (notices.length === 0) return;
  await client.query(
    `insert into notice (alarm_id, transition_id, route_id, opened_at, next_at, ended_at, end_reason)
     select alarm_id, transition_id, route_id, to_timestamp(opened_ms / 1000),
            case when end_reason is null then to_timestamp(next_ms / 1000) end,
            case when end_reason is not null then to_timestamp(next_ms / 1000) end, end_reason
     from unnest($1::int8[], $2::int8[], $3::text[], $4::float8[], $5::float8[], $6::text[])
       as n (alarm_id, transition_id, route_id, opened_ms, next_ms, end_reason)
     on conflict (transition_id, route_id) do nothing`,
    [
      notices.map((each) => each.alarmId),
      notices.map((each) => each.transitionId),
      notices.map((each) => each.routeId),
      notices.map((each) => each.openedMs),
      notices.map((each) => each.nextMs),
      notices.map((each) => each.endReason),
    ],
  );
}

export interface OpenNotice extends Progress {
  readonly id: number;
  readonly alarmId: number;
  readonly transitionId: number;
  readonly routeId: string;
}

const noticeColumns = `id, alarm_id as "alarmId", transition_id as "transitionId", route_id as "routeId",
  (extract(epoch from opened_at) * 1000)::float8 as "openedMs", step, repeats`;

/** The longest due first. */
export async function takeDueNotices(client: Queryable, nowMs: number, limit: number): Promise<OpenNotice[]> {
  const { rows } = await client.query<OpenNotice>(
    `select ${noticeColumns} from notice
     where ended_at is null and next_at <= to_timestamp($1::float8 / 1000)
     order by next_at, id limit $2 for update`,
    [nowMs, limit],
  );
  return rows;
}

export async function openNoticesOf(client: Queryable, alarmIds: readonly number[]): Promise<OpenNotice[]> {
  const { rows } = await client.query<OpenNotice>(
    `select ${noticeColumns} from notice where alarm_id = any($1::int8[]) and ended_at is null order by id for update`,
    [alarmIds],
  );
  return rows;
}

export async function saveProgress(
  client: Queryable,
  id: number,
  progress: Pick<Progress, 'step' | 'repeats'> & { readonly nextMs: number | null },
): Promise<void> {
  await client.query(
    `update notice set step = $2, repeats = $3, next_at = to_timestamp($4::float8 / 1000) where id = $1`,
    [id, progress.step, progress.repeats, progress.nextMs],
  );
}

export async function endNotices(
  client: Queryable,
  ids: readonly number[],
  end: { readonly reason: string; readonly nowMs: number },
): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `update notice set ended_at = to_timestamp($2::float8 / 1000), end_reason = $3, next_at = null
     where id = any($1::int8[]) and ended_at is null`,
    [ids, end.nowMs, end.reason],
  );
}

/** A message of it was given up: what comes next comes now. */
export async function hurryNotice(client: Queryable, id: number, nowMs: number): Promise<void> {
  await client.query(
    `update notice set next_at = to_timestamp($2::float8 / 1000)
     where id = $1 and ended_at is null and next_at > to_timestamp($2::float8 / 1000)`,
    [id, nowMs],
  );
}

/** When the next step of any is due, epoch ms; null where none is planned. */
export async function nextNoticeMs(db: Queryable): Promise<number | null> {
  const { rows } = await db.query<{ nextMs: number | null }>(
    `select (extract(epoch from min(next_at)) * 1000)::float8 as "nextMs" from notice
     where ended_at is null and next_at is not null`,
  );
  return rows[0]?.nextMs ?? null;
}

/** Where a telling stands; undefined where there is none. */
export async function noticeState(
  client: Queryable,
  id: number,
): Promise<
  { readonly transitionId: number; readonly isEnded: boolean; readonly hasNext: boolean } | undefined
> {
  const { rows } = await client.query<{ transitionId: number; isEnded: boolean; hasNext: boolean }>(
    `select transition_id as "transitionId", ended_at is not null as "isEnded", next_at is not null as "hasNext"
     from notice where id = $1`,
    [id],
  );
  return rows[0];
}
