import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { GatewayStatus } from '#schemas/gateway.ts';
import { createErrors, createPaces } from './gateway-pace.ts';
import {
  readGatewayStates,
  writeGatewayState,
  type GatewayState,
  type KeptLosses,
} from './store-gateways.ts';

const writeEveryMs = 2_000;
/** How long a loss stays in the figure that the alarm rule watches. */
export const lossWindowMs = 15 * 60_000;

/** What was found lost, and when. */
export interface Loss {
  readonly atMs: number;
  /** Canaries and sessions. */
  readonly count: number;
}

export interface GatewayStatesDeps {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly log: Log;
  /** The number of this process; see {@link GatewayState}. */
  readonly instance: number;
}

/** Keeps what the gateways of this process tell of themselves, for other processes and for the next start. */
export interface GatewayStates {
  /** Whether an external broker held a session of this gateway when it was last stopped. */
  hadSession(source: string): boolean;
  /** Begins to write; `onLoss` is told of what brokers have lost since the last time. */
  start(
    gateways: () => readonly GatewayStatus[],
    onLoss: (source: string, loss: Loss) => void,
  ): AsyncDisposable;
}

/** Reads what earlier starts have left. */
export async function openGatewayStates(deps: GatewayStatesDeps): Promise<GatewayStates> {
  const { db, clock, log, instance } = deps;
  const before = new Map<string, GatewayState>();
  for (const state of await readGatewayStates(db)) {
    if (state.instance === instance) before.set(state.source, state);
  }
  return {
    hadSession: (source) => (before.get(source)?.losses ?? null) !== null,
    start(gateways, onLoss) {
      const known = new Map<string, KeptLosses>();
      const [paces, errors] = [createPaces(), createErrors()];
      let running: Promise<void> | null = null;
      const write = async () => {
        for (const status of gateways()) {
          const { source } = status;
          const earlier = before.get(source)?.losses ?? null;
          const last = known.get(source) ?? earlier ?? noLosses;
          const losses = addLosses({ status, earlier, last, nowMs: clock.nowMs() });
          const count =
            losses === null ? 0 : losses.holes + losses.sessionsLost - last.holes - last.sessionsLost;
          if (losses !== null) known.set(source, losses);
          if (count > 0) {
            log.error({ source, ...losses }, 'the broker has lost messages that it had taken');
            onLoss(source, { atMs: clock.nowMs(), count });
          }
          const packetsPerS = paces.note(status, clock.monotonicMs());
          const error = errors.note(status, clock.nowMs());
          await writeGatewayState(db, { instance, status, losses, packetsPerS, error });
        }
      };
      // The store may be away: what is told is told again.
      const run = () =>
        (running ??= write()
          .catch(() => undefined)
          .finally(() => (running = null)));
      void run();
      const timer = clock.every(writeEveryMs, () => void run());
      return {
        async [Symbol.asyncDispose]() {
          timer[Symbol.dispose]();
          await running;
        },
      };
    },
  };
}

const noLosses: KeptLosses = { holes: 0, sessionsLost: 0, lostAt: null };

/** What was lost since the first start: before this one, and in it. Null where there is no external broker. Pure. */
export function addLosses(facts: {
  readonly status: Pick<GatewayStatus, 'canary'>;
  readonly earlier: KeptLosses | null;
  readonly last: KeptLosses;
  readonly nowMs: number;
}): KeptLosses | null {
  const { status, earlier, last, nowMs } = facts;
  if (status.canary === null) return null;
  const holes = (earlier?.holes ?? 0) + status.canary.holes;
  const sessionsLost = (earlier?.sessionsLost ?? 0) + status.canary.sessionsLost;
  const isMore = holes + sessionsLost > last.holes + last.sessionsLost;
  return { holes, sessionsLost, lostAt: isMore ? new Date(nowMs) : last.lostAt };
}
