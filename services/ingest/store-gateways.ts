import type { Queryable } from '#infra/postgres.ts';
import { opcuaFiguresSchema, type OpcuaFigures } from '#schemas/api/opcua.ts';
import type { Said } from '#schemas/api/common.ts';
import type { GatewayStatus } from '#schemas/gateway.ts';
import type { LastError } from './gateway-pace.ts';

/** The SQL behind what gateways tell of themselves beyond their process. */

/** What an external broker has lost since the first start of a gateway. */
export interface KeptLosses {
  readonly holes: number;
  readonly sessionsLost: number;
  readonly lostAt: Date | null;
}

/** A gateway as one process told of it. */
export interface GatewayState {
  readonly source: string;
  readonly instance: number;
  readonly protocol: string;
  readonly connected: boolean;
  readonly detail: string;
  readonly said: readonly Said[];
  readonly lagMs: number | null;
  /** Null where there is no external broker. */
  readonly losses: KeptLosses | null;
  /** What gateways of its protocol tell beyond that; null where they tell nothing. */
  readonly figures: OpcuaFigures | null;
  /** Over the last 10 s; null until then. */
  readonly packetsPerS: number | null;
  readonly lastError: string | null;
  readonly lastErrorSaid: readonly Said[];
  readonly lastErrorAt: Date | null;
  /** Told within the last seconds; else its process is gone, or has no database. */
  readonly isFresh: boolean;
}

/** Twice and a half the interval of the keeper. */
const freshFor = '5 seconds';

/** Every gateway that ever told of itself; one row a gateway and process. */
export async function readGatewayStates(db: Queryable): Promise<GatewayState[]> {
  const { rows } = await db.query<
    Omit<GatewayState, 'losses' | 'figures'> & KeptLosses & { isExternal: boolean; figures: unknown }
  >(
    `select source, instance, protocol, connected, detail, said, canary_lag_ms as "lagMs",
       canary_holes is not null as "isExternal", canary_holes::float8 as holes,
       sessions_lost::float8 as "sessionsLost", lost_at as "lostAt", figures,
       packets_per_s as "packetsPerS", last_error as "lastError", last_error_said as "lastErrorSaid",
       last_error_at as "lastErrorAt",
       seen_at > now() - interval '${freshFor}' as "isFresh"
     from gateway_state order by source, instance`,
  );
  return rows.map(({ isExternal, holes, sessionsLost, lostAt, figures, ...row }) => ({
    ...row,
    // Of another version they may be something else.
    figures: opcuaFiguresSchema.safeParse(figures).data ?? null,
    losses: isExternal ? { holes, sessionsLost, lostAt } : null,
  }));
}

/** Writes what a gateway tells now; losses are told since the first start, so that a repetition adds nothing. */
export async function writeGatewayState(
  db: Queryable,
  told: {
    readonly instance: number;
    readonly status: GatewayStatus;
    readonly losses: KeptLosses | null;
    readonly packetsPerS: number | null;
    /** Null: what was told last stays. */
    readonly error: LastError | null;
  },
): Promise<void> {
  const { instance, status, losses, packetsPerS, error } = told;
  await db.query(
    `insert into gateway_state (source, instance, protocol, connected, detail, canary_lag_ms, canary_holes,
       sessions_lost, lost_at, figures, packets_per_s, last_error, last_error_at, said, last_error_said)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb, $15::jsonb)
     on conflict (source, instance) do update set protocol = excluded.protocol, connected = excluded.connected,
       detail = excluded.detail, canary_lag_ms = excluded.canary_lag_ms, canary_holes = excluded.canary_holes,
       sessions_lost = excluded.sessions_lost, lost_at = excluded.lost_at, figures = excluded.figures,
       packets_per_s = excluded.packets_per_s, last_error = coalesce(excluded.last_error, gateway_state.last_error),
       last_error_at = coalesce(excluded.last_error_at, gateway_state.last_error_at), said = excluded.said,
       last_error_said = case when excluded.last_error is null then gateway_state.last_error_said
         else excluded.last_error_said end,
       seen_at = now()`,
    [
      status.source,
      instance,
      status.protocol,
      status.connected,
      status.detail,
      status.canary?.lagMs ?? null,
      losses?.holes ?? null,
      losses?.sessionsLost ?? null,
      losses?.lostAt ?? null,
      status.figures ?? null,
      packetsPerS,
      error?.text ?? null,
      error?.at ?? null,
      JSON.stringify(status.said ?? []),
      JSON.stringify(error?.said ?? []),
    ],
  );
}
