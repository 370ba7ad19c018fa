import type { Queryable } from '#infra/postgres.ts';
import type { IdentityPolicy } from '#schemas/api/identity.ts';

/** Every process that stores events listens here; a writer notifies in the transaction of its change. */
export const identityChannel = 'parkwatch_identity';

export async function readPolicy(db: Queryable): Promise<IdentityPolicy> {
  const { rows } = await db.query<IdentityPolicy>(
    'select mode, keep_days as "keepDays" from identity_policy',
  );
  const [policy] = rows;
  if (policy === undefined) throw new Error('identity_policy has no row');
  return policy;
}

/** A longer time brings nothing back; a shorter one reaches further from the next erasing on. */
export async function writePolicy(client: Queryable, { mode, keepDays }: IdentityPolicy): Promise<void> {
  await client.query('update identity_policy set mode = $1, keep_days = $2', [mode, keepDays]);
  await client.query('select pg_notify($1, $2)', [identityChannel, mode]);
}

export interface NamingEvent {
  readonly id: string;
  readonly time: Date;
  readonly data: Record<string, unknown>;
}

/** Up to where events name nobody; null before the first erasing. */
export async function readErasedTo(db: Queryable): Promise<Date | null> {
  const { rows } = await db.query<{ erasedTo: Date | null }>(
    `select nullif(erased_to, '-infinity') as "erasedTo" from identity_policy`,
  );
  return rows[0]?.erasedTo ?? null;
}

export async function writeErasedTo(db: Queryable, erasedTo: Date): Promise<void> {
  await db.query('update identity_policy set erased_to = greatest(erased_to, $1)', [erasedTo]);
}

/** Events of a span in the order of time, from behind the one named. */
export async function listEvents(
  db: Queryable,
  span: {
    readonly from: Date | null;
    readonly to: Date;
    readonly after: NamingEvent | null;
    readonly limit: number;
  },
): Promise<NamingEvent[]> {
  const { rows } = await db.query<NamingEvent>(
    `select event_id::text as id, time, data from event
     where time >= coalesce($1, '-infinity'::timestamptz) and time < $2
       and ($3::timestamptz is null or (time, event_id) > ($3, $4::bigint))
     order by time, event_id limit $5`,
    [span.from, span.to, span.after?.time ?? null, span.after?.id ?? null, span.limit],
  );
  return rows;
}

export async function replaceData(
  db: Queryable,
  events: readonly Pick<NamingEvent, 'id' | 'data'>[],
): Promise<void> {
  await db.query(
    `update event set data = changed.data
     from jsonb_to_recordset($1::jsonb) as changed(id text, data jsonb)
     where event.event_id = changed.id::bigint`,
    [JSON.stringify(events)],
  );
}
