import type { Load } from './load/load.ts';
import type { BenchPark } from './park.ts';
import { seconds } from './bench.ts';

/** What a load came to. */
export interface Held {
  /** Packets acknowledged a second. */
  readonly packetsPerS: number;
  /** Due and not acknowledged at the end. */
  readonly backlog: number;
  /** CPU time a value, µs, of the park and of its database. */
  readonly parkUs: number | null;
  readonly databaseUs: number | null;
}

const warmS = 0.2;
const pollS = 0.5;
/** A backlog of so many seconds has lost. */
const backlogS = 1;
/** The share of what is due that must be acknowledged. */
const keptUp = 0.98;
const drainPollS = 0.05;

/** Keeps every window full for so long. */
export async function saturate(
  { park, load }: { park: BenchPark; load: Load },
  forS: number,
  how: { repeats?: number; replay?: boolean } = {},
): Promise<Held> {
  await load.tell({ kind: 'run', packetsPerS: null, ...how });
  await seconds(forS * warmS);
  const held = await measure({ park, load }, forS);
  await drain(load);
  return held;
}

/** Offers a rate for so long; gives up early when the backlog only grows. */
export async function hold(
  on: { park: BenchPark; load: Load },
  packetsPerS: number,
  forS: number,
): Promise<Held & { readonly isHeld: boolean }> {
  await on.load.tell({ kind: 'run', packetsPerS });
  const held = await measure(on, forS, packetsPerS * backlogS * 2);
  await drain(on.load);
  return {
    ...held,
    isHeld: held.backlog <= packetsPerS * backlogS && held.packetsPerS >= packetsPerS * keptUp,
  };
}

/** The highest rate that is held, found by halving what is left between one that is and one that is not. */
export async function findSustainable(
  on: { park: BenchPark; load: Load },
  most: number,
  options: { seconds: number; steps: number },
): Promise<Held & { readonly offered: number }> {
  let [low, high] = [most / 2, most * 1.1];
  let best: (Held & { offered: number }) | null = null;
  for (let step = 0; step < options.steps || (best === null && step < options.steps + 2); step++) {
    const offered: number = best === null && step >= options.steps ? low : (low + high) / 2;
    const held = await hold(on, offered, options.seconds);
    if (held.isHeld) {
      best = { ...held, offered };
      low = offered;
    } else {
      high = offered;
      if (high <= low) low = high / 2;
    }
  }
  return best ?? { packetsPerS: 0, backlog: 0, parkUs: null, databaseUs: null, offered: 0 };
}

/** Stops sending and waits until all is acknowledged. */
export async function drain(load: Load): Promise<void> {
  await load.tell({ kind: 'run', packetsPerS: 0 });
  while ((await load.tell({ kind: 'figures' })).inFlight > 0) await seconds(drainPollS);
}

async function measure(
  { park, load }: { park: BenchPark; load: Load },
  forS: number,
  mostBacklog = Infinity,
): Promise<Held> {
  const before = await load.tell({ kind: 'figures-and-clear' });
  const cpuBefore = park.cpuMs();
  const untilMs = performance.now() + forS * 1_000;
  let now = before;
  while (performance.now() < untilMs && now.owed + now.inFlight <= mostBacklog) {
    await seconds(Math.min(pollS, forS));
    now = await load.tell({ kind: 'figures' });
  }
  const cpuAfter = park.cpuMs();
  const packets = now.ackedPackets - before.ackedPackets;
  const perValue = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined
      ? null
      : ((to - from) * 1_000) / Math.max(1, packets * load.settings.values);
  return {
    packetsPerS: packets / ((now.atMs - before.atMs) / 1_000),
    backlog: now.owed + now.inFlight,
    parkUs: perValue(cpuBefore?.park, cpuAfter?.park),
    databaseUs: perValue(cpuBefore?.database, cpuAfter?.database),
  };
}
