import { bucketMs, floodBegins, floodEnds, manageableRate, mostRate } from '#schemas/alarm-figures.ts';
import type { AlarmFigures, DurationFigures } from '#schemas/api/alarm-figures.ts';
import { severities } from '#schemas/device-class.ts';

/** What days of alarms come to; pure. */

/** Facts of one local day, of one position or of several added up. */
export interface AlarmDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly fromMs: number;
  /** By severity, gravest first. */
  readonly announced: readonly number[];
  readonly recorded: number;
  /** Of ten minutes each since the day began; only those that are over or have begun. */
  readonly buckets: readonly number[];
  readonly acknowledgedAfter: readonly number[];
  readonly acknowledgedAfterS: number;
  readonly clearedAfter: readonly number[];
  readonly clearedAfterS: number;
  readonly standing: number;
  readonly shelvedS: number;
  readonly suppressedS: number;
  readonly outOfServiceS: number;
}

/** Classes of durations: the first ends at 1 s, each is wider by 10^0.1; the last is open. */
export const durationClasses = 62;
const classesPerDecade = 10;

/** The upper bound of a class, s; of the last one its lower bound. */
export function classEndS(index: number): number {
  return 10 ** (Math.min(index, durationClasses - 2) / classesPerDecade);
}

/** Which class a duration falls into. */
export function durationClass(seconds: number): number {
  if (seconds <= 1) return 0;
  return Math.min(Math.ceil(Math.log10(seconds) * classesPerDecade), durationClasses - 1);
}

export function addUp(counts: readonly (readonly number[])[]): number[] {
  const length = Math.max(0, ...counts.map((each) => each.length));
  return Array.from({ length }, (_, i) => sum(counts.map((each) => each[i] ?? 0)));
}

/** The smallest value that at least this share of them does not exceed; null without any. */
export function quantile(ascending: readonly number[], share: number): number | null {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? null;
}

export function durations(
  days: readonly { readonly classes: readonly number[]; readonly sumS: number }[],
): DurationFigures {
  const classes = addUp(days.map((day) => day.classes));
  const count = sum(classes);
  const at = (share: number) => {
    let seen = 0;
    for (const [index, each] of classes.entries()) {
      seen += each;
      if (seen >= count * share) return classEndS(index);
    }
    return null;
  };
  if (count === 0) return { count, meanS: null, medianS: null, p95S: null };
  return { count, meanS: sum(days.map((day) => day.sumS)) / count, medianS: at(0.5), p95S: at(0.95) };
}

/** Floods by buckets of ten minutes that follow one another: begun above ten, over below five. */
export function floodsOf(buckets: readonly number[]): {
  readonly inFlood: readonly boolean[];
  readonly lengths: number[];
} {
  const lengths: number[] = [];
  let running = 0;
  const inFlood = buckets.map((count) => {
    const goesOn = running > 0 ? count >= floodEnds : count > floodBegins;
    if (goesOn) running++;
    else if (running > 0) {
      lengths.push(running);
      running = 0;
    }
    return goesOn;
  });
  if (running > 0) lengths.push(running);
  return { inFlood, lengths };
}

type FromDays = Pick<
  AlarmFigures,
  'announced' | 'recorded' | 'bySeverity' | 'rate' | 'floods' | 'acknowledge' | 'clear' | 'held' | 'days'
>;

/** @param days ascending, without a double */
export function figuresOf(days: readonly AlarmDay[]): FromDays {
  const buckets = days.flatMap((day) => day.buckets);
  const starts = days.flatMap((day) => day.buckets.map((_, i) => day.fromMs + i * bucketMs));
  const { inFlood, lengths } = floodsOf(buckets);
  const ascending = buckets.toSorted((a, b) => a - b);
  const announced = sum(buckets);
  const peak = ascending.at(-1) ?? null;
  const peakMs = peak === null || peak === 0 ? undefined : starts[buckets.indexOf(peak)];
  const share = (count: number) => (buckets.length === 0 ? null : count / buckets.length);
  const mean = share(announced);
  return {
    announced,
    recorded: sum(days.map((day) => day.recorded)),
    bySeverity: toSeverities(addUp(days.map((day) => day.announced))),
    rate: {
      buckets: buckets.length,
      mean,
      median: quantile(ascending, 0.5),
      p95: quantile(ascending, 0.95),
      p99: quantile(ascending, 0.99),
      peak,
      peakAt: peakMs === undefined ? null : new Date(peakMs).toISOString(),
      perDay: mean === null ? null : (mean * 86_400_000) / bucketMs,
      overManageable: share(buckets.filter((count) => count > manageableRate).length),
      overMost: share(buckets.filter((count) => count > mostRate).length),
      inFlood: share(inFlood.filter(Boolean).length),
    },
    floods: { count: lengths.length, longestMs: Math.max(0, ...lengths) * bucketMs },
    acknowledge: durations(
      days.map((day) => ({ classes: day.acknowledgedAfter, sumS: day.acknowledgedAfterS })),
    ),
    clear: durations(days.map((day) => ({ classes: day.clearedAfter, sumS: day.clearedAfterS }))),
    held: {
      shelvedS: sum(days.map((day) => day.shelvedS)),
      suppressedS: sum(days.map((day) => day.suppressedS)),
      outOfServiceS: sum(days.map((day) => day.outOfServiceS)),
    },
    days: days.map(toDay),
  };
}

function toDay(day: AlarmDay): AlarmFigures['days'][number] {
  return {
    day: day.day,
    announced: sum(day.announced),
    recorded: day.recorded,
    bySeverity: toSeverities(day.announced),
    peak: Math.max(0, ...day.buckets),
    floodBuckets: floodsOf(day.buckets).inFlood.filter(Boolean).length,
    standing: day.standing,
    shelvedS: day.shelvedS,
    suppressedS: day.suppressedS,
    outOfServiceS: day.outOfServiceS,
  };
}

function toSeverities(counts: readonly number[]): AlarmFigures['bySeverity'] {
  const of = (severity: (typeof severities)[number]) => counts[severities.indexOf(severity)] ?? 0;
  return { critical: of('critical'), high: of('high'), medium: of('medium'), low: of('low') };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
