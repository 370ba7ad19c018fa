import fc from 'fast-check';
import type { CounterFacts, RegisterSample, Replacement } from '#services/consumption/judge.ts';
import type { SampleSource } from '#services/consumption/samples.ts';
import type { CounterContext, Decision } from '#services/consumption/unroll.ts';

/** Histories of registers, decoded from lists of numbers: cheap to make, and fast-check shrinks them by itself. */
export interface History {
  readonly samples: readonly RegisterSample[];
  readonly context: CounterContext;
}

/** Samples in order as a source in memory, which counts the questions and what is read from it. */
export function sourceOf(
  samples: readonly RegisterSample[],
  page = { lead: 32, tail: 8 },
): SampleSource & { asked: number; read: number } {
  const told = <T>(list: readonly T[]) => {
    source.asked += 1;
    source.read += list.length;
    return Promise.resolve(list);
  };
  const source: SampleSource & { asked: number; read: number } = {
    asked: 0,
    read: 0,
    page,
    between: ({ fromUs, toUs }, most) =>
      told(samples.filter(({ timeUs }) => timeUs >= fromUs && timeUs < toUs).slice(0, most)),
    before: ({ fromUs, toUs }, most) =>
      told(samples.filter(({ timeUs }) => timeUs >= fromUs && timeUs < toUs).slice(-most)),
    from: (_, timeUs, most) => told(samples.filter((one) => one.timeUs >= timeUs).slice(0, most)),
  };
  return source;
}

const secondUs = 1_000_000;
const startUs = 1_700_000_100_000_000;
const gapsUs = [
  1,
  999_999,
  10 * secondUs,
  10 * secondUs,
  20 * secondUs,
  21 * secondUs,
  300 * secondUs,
  900 * secondUs,
];
const boundaryUs = 900 * secondUs;

/** Reads small numbers off one large one, lowest first. */
function dice(word: number): (sides: number) => number {
  let left = word;
  return (sides) => {
    const value = left % sides;
    left = Math.floor(left / sides);
    return value;
  };
}

function pick(roll: (sides: number) => number, choices: readonly number[]): number {
  return choices[roll(choices.length)] ?? 0;
}

const words = (most: number) => fc.array(fc.nat(0x3fffffff), { maxLength: most, size: 'max' });

function anyFacts(roll: (sides: number) => number): CounterFacts {
  return {
    resolution: [0.01, 0.01, 1, 0][roll(4)] ?? 0,
    modulus: [null, 100, 1_000, 1e10][roll(4)] ?? null,
    maxRatePerH: [null, 1, 30, 2_000][roll(4)] ?? null,
    expectedIntervalUs: 10 * secondUs,
  };
}

/** What a register of any kind may show next, however foolish. */
function anyValue(roll: (sides: number) => number, before: number): number {
  const tick = roll(5);
  const next = [
    before,
    before + tick / 100,
    before + tick / 10,
    before - tick / 100,
    before + tick * 100,
    tick,
    0,
    before + 1e9 + tick / 7,
  ][[0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7][roll(13)] ?? 0];
  return Math.max(0, Math.round((next ?? 0) * 1e6) / 1e6);
}

/** Anything at all: falls, spikes, gaps, odd values, replacements and decisions without sense. */
export const anyHistory: fc.Arbitrary<History> = fc
  .tuple(fc.nat(0x3fffffff), words(16))
  .map(([setting, list]) => {
    const roll = dice(setting);
    const facts = anyFacts(roll);
    const samples: RegisterSample[] = [];
    const replacements: Replacement[] = [];
    const decisions: Decision[] = [];
    let timeUs = startUs;
    let value = [0, 99.5, 5e9][roll(3)] ?? 0;
    for (const word of list) {
      const own = dice(word);
      const before = timeUs;
      timeUs += gapsUs[own(8)] ?? 1;
      if (own(8) === 0) timeUs = Math.ceil(timeUs / boundaryUs) * boundaryUs;
      const isOdd = own(6) === 0;
      const next = anyValue(own, value);
      samples.push({ timeUs, value: next, quality: ([0, 0, 0, 0, 0, 1, 2] as const)[own(7)] ?? 0 });
      if (!isOdd) value = next;
      const extra = own(24);
      if (extra === 0 && replacements.length < 2) replacements.push({ timeUs, closing: next, opening: 0 });
      if (extra === 1)
        replacements.push({ timeUs: timeUs - 1 - (timeUs - before) / 2, closing: value, opening: 1 });
      if (extra === 2) decisions.push({ kind: 'leave-out', timeUs });
      if (extra === 3) decisions.push({ kind: 'accept', fromUs: before, toUs: timeUs });
    }
    const whole = replacements.map((one) => ({ ...one, timeUs: Math.round(one.timeUs) }));
    return { samples, context: { facts, replacements: whole, decisions } };
  });

/** What the reference meter really counted, told beside what it showed. */
export interface MeterHistory extends History {
  /** The true count since the first sample at the time of each good sample, in units of the last digit. */
  readonly truth: ReadonlyMap<number, number>;
  readonly happened: Readonly<Record<'rollover' | 'reset' | 'replacement' | 'dip' | 'outlier', number>>;
}

const ticksPerUnit = 100;
const unitsOf = (ticks: number) => ticks / ticksPerUnit;

/**
 * A meter that counts in whole ticks and is read, wraps, starts again, is changed, shows a digit less for a moment or
 * rubbish once. It never does two of these so close that nobody could tell them apart.
 */
export function meterHistory(options: { readonly only?: 'forward' } = {}): fc.Arbitrary<MeterHistory> {
  return fc
    .tuple(fc.nat(0x3fffffff), words(24))
    .map(([setting, list]) => runMeter(dice(setting), list, options));
}

function runMeter(
  roll: (sides: number) => number,
  list: readonly number[],
  options: { readonly only?: 'forward' },
): MeterHistory {
  const modulus = [null, 10_000, 1_000_000][roll(3)] ?? null;
  const wide = modulus ?? 1e9;
  /** Ticks an hour. */
  const rate = modulus === 10_000 ? 3_600 : 36_000;
  let shown = Math.floor(wide * pick(roll, [0, 0.45, 0.999]));
  let counted = 0;
  let timeUs = startUs;
  const samples: RegisterSample[] = [];
  const replacements: Replacement[] = [];
  const truth = new Map<number, number>();
  const happened = { rollover: 0, reset: 0, replacement: 0, dip: 0, outlier: 0 };
  let isPlain = false;

  const show = (ticks: number, quality: 0 | 1 | 2 = 0) =>
    samples.push({ timeUs, value: unitsOf(ticks), quality });
  const advance = (ticks: number) => {
    counted += ticks;
    shown += ticks;
    if (modulus !== null && shown >= modulus) {
      shown -= modulus;
      happened.rollover += 1;
      isPlain = false;
    }
  };
  const plain = (own: (sides: number) => number, gapUs: number) => {
    timeUs += gapUs;
    isPlain = true;
    advance(Math.floor((own(5) / 4) * rate * (gapUs / 3_600e6)));
    show(shown, own(5) === 0 ? 1 : 0);
    truth.set(timeUs, counted);
  };
  show(shown);
  truth.set(timeUs, 0);
  for (const word of list) {
    const own = dice(word);
    const gapUs = pick(own, [10, 10, 10, 15, 60, 900]) * secondUs;
    const what = options.only === 'forward' ? 0 : own(12);
    const room = Math.floor(rate * (gapUs / 3_600e6));
    if (what === 1 && shown > 50 && (modulus === null || shown <= modulus / 2)) {
      timeUs += gapUs;
      shown = own(Math.min(room + 1, shown - 3));
      counted += shown;
      happened.reset += 1;
      show(shown);
      truth.set(timeUs, counted);
      isPlain = false;
    } else if (what === 2 && (modulus === null || shown + room < modulus)) {
      const old = own(room + 1);
      counted += old;
      const opening = own(3) * 7;
      replacements.push({
        timeUs: timeUs + gapUs,
        closing: unitsOf(shown + old),
        opening: unitsOf(opening),
      });
      happened.replacement += 1;
      shown = opening;
      timeUs += gapUs;
      plain(own, gapUs);
      isPlain = false;
    } else if (what === 3 && isPlain && shown > 2) {
      timeUs += gapUs;
      show(shown - 1 - own(2));
      truth.set(timeUs, counted);
      happened.dip += 1;
      isPlain = false;
    } else if (what === 4 && isPlain && shown > 100_000 && shown + 2 * room < wide) {
      timeUs += gapUs;
      show(pick(own, [0, 3, shown + 50_000_000]));
      happened.outlier += 1;
      plain(own, 10 * secondUs);
      isPlain = false;
    } else if (what === 5) {
      timeUs += gapUs;
      show(own(1_000_000), 2);
    } else {
      plain(own, gapUs);
    }
  }
  const facts: CounterFacts = {
    resolution: 1 / ticksPerUnit,
    modulus: modulus === null ? null : unitsOf(modulus),
    maxRatePerH: unitsOf(rate),
    expectedIntervalUs: 10 * secondUs,
  };
  return { samples, context: { facts, replacements, decisions: [] }, truth, happened };
}
