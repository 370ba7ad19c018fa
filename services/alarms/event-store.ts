import type { Queryable } from '#infra/postgres.ts';

/** An event as rules see it. */
export interface HappenedEvent {
  readonly id: number;
  readonly deviceId: string;
  readonly timeMs: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Events since a cursor, with the cursor from which to go on. */
export interface EventPage {
  readonly events: readonly HappenedEvent[];
  /** Of this snapshot: every transaction below it is in its past. */
  readonly cursor: string;
  /** Whether more of them wait. */
  readonly hasMore: boolean;
}

/**
 * Events of these types of transactions at or after a cursor. Id order is not commit order: the cursor is the oldest
 * transaction that was still running, so that an event is read twice at times and never missed. A cursor of another
 * database (a restored one) begins anew.
 * @param options.after ids of the pages before, of this cursor
 */
export async function readEvents(
  db: Queryable,
  options: {
    readonly cursor: string;
    readonly after: number;
    readonly types: readonly string[];
    readonly limit: number;
  },
): Promise<EventPage> {
  // One statement, one snapshot: a cursor that was read apart could be newer than the rows.
  const { rows } = await db.query<{ next: string } & (HappenedEvent | { id: null })>(
    `select now.next::text as next, e.*
     from (select pg_snapshot_xmin(pg_current_snapshot()) as next) now
     left join lateral (
       select event_id as id, device_id as "deviceId", (extract(epoch from time) * 1000)::float8 as "timeMs", type, data
       from event
       where xid >= $1::xid8 and event_id > $2 and type = any($3::text[])
       order by event_id limit $4
     ) e on true`,
    [options.cursor, options.after, options.types, options.limit],
  );
  const events = rows.flatMap(({ next: _next, ...row }) => (row.id === null ? [] : [row]));
  return { events, cursor: rows[0]?.next ?? options.cursor, hasMore: events.length === options.limit };
}

/** The cursor of now: what was committed before is not asked for. */
export async function currentEventCursor(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ cursor: string }>(
    'select pg_snapshot_xmin(pg_current_snapshot())::text as cursor',
  );
  return rows[0]?.cursor ?? '0';
}

/** Where judging events stands; undefined in a new park, and where the cursor is of another database. */
export async function loadEventCursor(db: Queryable): Promise<string | undefined> {
  const { rows } = await db.query<{ xid: string }>(
    `select xid::text as xid from alarm_cursor
     where name = 'event' and xid <= pg_snapshot_xmax(pg_current_snapshot())`,
  );
  return rows[0]?.xid;
}

export async function saveEventCursor(client: Queryable, cursor: string): Promise<void> {
  await client.query(
    `insert into alarm_cursor (name, xid) values ('event', $1::xid8)
     on conflict (name) do update set xid = excluded.xid`,
    [cursor],
  );
}

/** Events of one device, in order of time; the newest of them when there are more than `limit`. */
export async function readEventsBetween(
  db: Queryable,
  options: {
    readonly deviceId: string;
    readonly types: readonly string[];
    readonly fromMs: number;
    readonly toMs: number;
    readonly limit: number;
  },
): Promise<HappenedEvent[]> {
  const { rows } = await db.query<HappenedEvent>(
    `select event_id as id, device_id as "deviceId", (extract(epoch from time) * 1000)::float8 as "timeMs", type, data
     from event
     where device_id = $1 and type = any($2::text[]) and time >= to_timestamp($3::float8 / 1000)
       and time < to_timestamp($4::float8 / 1000)
     order by time desc, event_id desc limit $5`,
    [options.deviceId, options.types, options.fromMs, options.toMs, options.limit],
  );
  return rows.toReversed();
}
