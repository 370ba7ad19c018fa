import { dayMs } from './calendar.ts';
import { between, mix, textKey, unit } from './random.ts';

/** What goes wrong in a park, and how often; the same seed has the same bad days. */
const minuteMs = 60_000;

interface FaultSpec {
  /** Chance of one occurrence per device and UTC day. */
  readonly perDay: number;
  readonly lastsMs: readonly [number, number];
}

const faultSpecs = {
  /** The device does not answer its gateway box. */
  offline: { perDay: 0.05, lastsMs: [20 * minuteMs, 240 * minuteMs] },
  /** The box keeps a device's values back and sends them in one batch. */
  'late-batch': { perDay: 0.02, lastsMs: [6 * minuteMs, 14 * minuteMs] },
  'signal-loss': { perDay: 0.12, lastsMs: [5 * minuteMs, 60 * minuteMs] },
  'image-fault': { perDay: 0.03, lastsMs: [60 * minuteMs, 360 * minuteMs] },
  entrapment: { perDay: 0.015, lastsMs: [9 * minuteMs, 25 * minuteMs] },
  inspection: { perDay: 0.03, lastsMs: [30 * minuteMs, 90 * minuteMs] },
  /** The plant's automation loses a sensor: status codes turn uncertain, then bad. */
  'sensor-fault': { perDay: 0.06, lastsMs: [10 * minuteMs, 50 * minuteMs] },
  'equipment-fault': { perDay: 0.02, lastsMs: [20 * minuteMs, 120 * minuteMs] },
  'dust-episode': { perDay: 0.18, lastsMs: [240 * minuteMs, 600 * minuteMs] },
  'water-episode': { perDay: 0.1, lastsMs: [60 * minuteMs, 240 * minuteMs] },
  'held-open': { perDay: 0.25, lastsMs: [2 * minuteMs, 9 * minuteMs] },
  forced: { perDay: 0.006, lastsMs: [0.5 * minuteMs, 3 * minuteMs] },
  'panel-fault': { perDay: 0.03, lastsMs: [10 * minuteMs, 90 * minuteMs] },
  'charger-fault': { perDay: 0.03, lastsMs: [20 * minuteMs, 180 * minuteMs] },
  'lamp-fault': { perDay: 0.02, lastsMs: [120 * minuteMs, 900 * minuteMs] },
} satisfies Record<string, FaultSpec>;

export type FaultKind = keyof typeof faultSpecs;

/** Closed-open, epoch milliseconds. */
export interface FaultWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The occurrence of a fault that covers an instant, or null. */
export function faultAt(key: number, kind: FaultKind, timeMs: number): FaultWindow | null {
  return faultsDuring(key, kind, { fromMs: timeMs, toMs: timeMs + 1 })[0] ?? null;
}

/** The occurrences of a fault that touch a span of time, in order. */
export function faultsDuring(key: number, kind: FaultKind, span: FaultWindow): FaultWindow[] {
  const { perDay, lastsMs } = faultSpecs[kind];
  const faultKey = mix(key, textKey(kind));
  const found: FaultWindow[] = [];
  // None lasts longer than a day, so the one of the day before may still reach into the span.
  for (let day = Math.floor(span.fromMs / dayMs) - 1; day * dayMs < span.toMs; day++) {
    if (unit(faultKey, day * 4) >= perDay) continue;
    const fromMs = Math.floor(day * dayMs + unit(faultKey, day * 4 + 1) * dayMs);
    const toMs = Math.floor(fromMs + between(faultKey, day * 4 + 2, lastsMs));
    if (fromMs < span.toMs && toMs > span.fromMs) found.push({ fromMs, toMs });
  }
  return found;
}

/** 0 outside, rising to 1 and falling again within an occurrence. */
export function swell(window: FaultWindow | null, timeMs: number): number {
  if (window === null) return 0;
  return Math.sin((Math.PI * (timeMs - window.fromMs)) / (window.toMs - window.fromMs));
}

/** Milliseconds of a span during which a fault was on. */
export function faultyMs(key: number, kind: FaultKind, span: FaultWindow): number {
  return faultsDuring(key, kind, span).reduce(
    (sum, { fromMs, toMs }) => sum + Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs),
    0,
  );
}
