import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { AlarmAcknowledger } from '#schemas/alarm-reported.ts';
import { markPassed, waitingAcknowledgements } from './acknowledgement-store.ts';

/** What the bus did not tell of is found this often. */
const lookEveryMs = 30_000;
const page = 100;

/**
 * Passes acknowledgements of alarms that devices report back to them, through the gateways of this process. Every
 * process with a gateway runs one; an acknowledgement is passed on at least once, in order for each device.
 */
export function startAcknowledgements(options: {
  readonly db: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly gateways: readonly AlarmAcknowledger[];
}): AsyncDisposable & { idle(): Promise<void> } {
  const { db, bus, clock, log, gateways } = options;
  let running: Promise<void> | null = null;
  let isDue = false;
  let stopped = false;
  const run = async () => {
    while (isDue && !stopped) {
      isDue = false;
      await passAll(db, gateways, log).catch((error: unknown) =>
        log.warn({ err: error }, 'acknowledgements wait for the store'),
      );
    }
  };
  const look = () => {
    isDue = true;
    running ??= run().finally(() => {
      running = null;
    });
  };
  const unsubscribe = bus.subscribe('alarm', ({ kind, object }) => {
    if (kind === 'acknowledged' && object.includes('#')) look();
  });
  const timer = clock.every(lookEveryMs, look);
  look();
  return {
    async idle() {
      while (running !== null) await running;
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      unsubscribe();
      timer[Symbol.dispose]();
      await running;
    },
  };
}

async function passAll(db: Database, gateways: readonly AlarmAcknowledger[], log: Log): Promise<void> {
  /** A device that cannot be reached keeps its order: what comes after waits as well. */
  const unreachable = new Set<string>();
  for (let after = 0; ;) {
    const waiting = await waitingAcknowledgements(db, after, page);
    for (const acknowledgement of waiting) {
      after = acknowledgement.id;
      const { deviceId } = acknowledgement;
      if (unreachable.has(deviceId)) continue;
      for (const pass of gateways) {
        const outcome = await pass(acknowledgement).catch((error: unknown) => {
          log.warn({ err: error, deviceId }, 'an acknowledgement could not be passed to its device');
          unreachable.add(deviceId);
          return false;
        });
        if (outcome) await markPassed(db, acknowledgement.id);
      }
    }
    if (waiting.length < page) return;
  }
}
