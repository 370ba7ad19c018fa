import type { Clock } from '#infra/clock.ts';
import { coalesce } from '#infra/coalesce.ts';
import type { Log } from '#infra/log.ts';
import type { Queryable } from '#infra/postgres.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { Packet, ReadingSink } from '#schemas/reading.ts';
import { daysUntilDue } from './due.ts';
import { readDue } from './store.ts';

const lookEveryMs = 60_000;
/** An inspection that was told of longer ago says nothing of the next one. */
const eventsKeptMs = 3 * 366 * 86_400_000;

export interface DueReporterOptions {
  readonly db: Queryable;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeZone: string;
  /** The ledger's key of what the park tells of itself. */
  readonly source: string;
}

/**
 * Tells how many days are left until a date that the registry knows (inspection, maintenance), as readings, so that rules
 * and boards see it like anything else: at the beginning of each local day, and when the date changed. What two processes
 * tell of one day is the same reading.
 */
export function startDueReporter(options: DueReporterOptions): AsyncDisposable & { look(): Promise<void> } {
  const { db, sink, clock, log } = options;
  const calendar = localCalendar(options.timeZone);
  const metrics = [...deviceClasses.values()].flatMap((deviceClass) =>
    Object.entries(deviceClass.metrics).flatMap(([metric, { due }]) =>
      due === undefined ? [] : [{ class: deviceClass.id, metric, due }],
    ),
  );
  /** By point: the day and what was told of it. */
  const told = new Map<string, { readonly day: string; readonly days: number }>();
  const report = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    const day = calendar.dayOf(nowMs);
    const since = new Date(nowMs - eventsKeptMs);
    for (const { class: deviceClass, metric, due } of metrics) {
      const asked = { class: deviceClass, attribute: due.attribute, event: due.event ?? null, since };
      for (const row of await readDue(db, asked)) {
        const days = daysUntilDue(row, { calendar, nowMs });
        const key = `${row.deviceId}.${metric}`;
        const before = told.get(key);
        if (days === null || (before?.day === day && before.days === days)) continue;
        const timeMs = before?.day === day ? nowMs : calendar.startOf(day);
        await sink.write(packetOf(options, { ...row, metric, days, timeMs }));
        told.set(key, { day, days });
      }
    }
  };
  const look = coalesce(() =>
    report().catch((error: unknown) => log.warn({ err: error }, 'due dates could not be told')),
  );
  void look();
  const timer = clock.every(lookEveryMs, () => void look());
  return {
    look,
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await look.settled();
    },
  };
}

function packetOf(
  { source, clock }: DueReporterOptions,
  said: {
    readonly deviceId: string;
    readonly metric: string;
    readonly days: number;
    readonly timeMs: number;
  },
): Packet {
  const { deviceId, metric, days, timeMs } = said;
  return {
    source,
    address: deviceId,
    deviceId,
    receivedAtMs: clock.nowMs(),
    bytes: Buffer.from(JSON.stringify({ ts: timeMs, values: { [metric]: days } })),
    unacknowledged: true,
    content: {
      kind: 'telemetry',
      samples: [{ metric, timeMs, value: days, quality: 'good', rev: 0, untimed: false }],
      rejected: [],
      sequence: [],
    },
  };
}
