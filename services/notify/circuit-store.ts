import type { Queryable } from '#infra/postgres.ts';
import type { Circuit } from './pacing.ts';

/** How a channel does, as stored. */
export interface ChannelHealth extends Circuit {
  readonly channelId: string;
  readonly failingSinceMs: number | null;
  readonly lastError: string;
  readonly lastDeliveredMs: number | null;
}

export async function loadHealth(db: Queryable): Promise<ChannelHealth[]> {
  const { rows } = await db.query<Omit<ChannelHealth, 'openUntilMs'> & { openUntilMs: number | null }>(
    `select channel_id as "channelId", failures, (extract(epoch from open_until) * 1000)::float8 as "openUntilMs",
            (extract(epoch from failing_since) * 1000)::float8 as "failingSinceMs", last_error as "lastError",
            (extract(epoch from last_delivered_at) * 1000)::float8 as "lastDeliveredMs"
     from notify_channel_state`,
  );
  return rows.map((row) => ({ ...row, openUntilMs: row.openUntilMs ?? 0 }));
}

/** @param told what the failure said; null after a success */
export async function saveHealth(
  client: Queryable,
  health: {
    readonly channelId: string;
    readonly circuit: Circuit;
    readonly told: string | null;
    readonly nowMs: number;
  },
): Promise<void> {
  const { channelId, circuit, told, nowMs } = health;
  await client.query(
    `insert into notify_channel_state as s (channel_id, failures, open_until, failing_since, last_error,
                                            last_delivered_at)
     values ($1, $2, to_timestamp(nullif($3::float8, 0) / 1000),
             case when $2 > 0 then to_timestamp($5::float8 / 1000) end, coalesce($4, ''),
             case when $4::text is null then to_timestamp($5::float8 / 1000) end)
     on conflict (channel_id) do update set
       failures = excluded.failures, open_until = excluded.open_until,
       failing_since = case when excluded.failures > 0 then coalesce(s.failing_since, excluded.failing_since) end,
       last_error = case when $4::text is null then s.last_error else excluded.last_error end,
       last_delivered_at = coalesce(excluded.last_delivered_at, s.last_delivered_at)`,
    [channelId, circuit.failures, circuit.openUntilMs, told, nowMs],
  );
}

/** The channel was changed, or somebody wants to know: it is used again at once. */
export async function closeCircuit(client: Queryable, channelId: string): Promise<void> {
  await client.query(
    'update notify_channel_state set failures = 0, open_until = null, failing_since = null where channel_id = $1',
    [channelId],
  );
}
