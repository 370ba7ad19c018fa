import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { consumptionIn } from '#services/consumption/intervals.ts';
import type { RegisterSample } from '#services/consumption/judge.ts';
import { unroll, type CounterContext } from '#services/consumption/unroll.ts';
import { anyHistory, meterHistory, type MeterHistory } from '#test/kit/register-history.ts';

/** Histories of each law; together with intervals and knots well over 100,000. */
const numRuns = 100_000;
vi.setConfig({ testTimeout: 180_000 });

const context = (more: Partial<CounterContext> = {}, facts = {}): CounterContext => ({
  facts: { resolution: 0.01, modulus: null, maxRatePerH: null, expectedIntervalUs: 60_000_000, ...facts },
  replacements: [],
  decisions: [],
  ...more,
});
const minuteUs = 60_000_000;
/** One sample a minute. */
const samplesOf = (...values: number[]): RegisterSample[] =>
  values.map((value, at) => ({ timeUs: at * minuteUs, value, quality: 0 }));
const told = (values: number[], given: CounterContext) => {
  const { steps, leftOut } = unroll(samplesOf(...values), given);
  return { kinds: steps.map((step) => step.kind), counted: steps.map((step) => step.counted), leftOut };
};

describe('unroll()', () => {
  test('unroll() counts a fall of two units of the last digit as nothing and goes on from the highest value', () => {
    const { kinds, counted } = told([100.02, 100, 100.01, 100.04], context());
    expect(kinds).toEqual(['dip', 'forward', 'forward']);
    expect(counted[0]).toBe(0);
    expect(counted[1]).toBe(0);
    expect(counted[2]).toBeCloseTo(0.02, 9);
  });

  test('unroll() takes a fall of three units for a reset, which counted from zero', () => {
    expect(told([100.03, 100], context())).toMatchObject({ kinds: ['reset'], counted: [100] });
  });

  test('unroll() takes a wrapped step under half the modulus for a rollover, and half of it for a reset', () => {
    const modulus = { modulus: 1_000 };
    expect(told([900, 399], context({}, modulus))).toMatchObject({ kinds: ['rollover'], counted: [499] });
    expect(told([900, 400], context({}, modulus))).toMatchObject({ kinds: ['reset'], counted: [400] });
  });

  test('unroll() takes no fall for a rollover where the register stands above its modulus', () => {
    expect(told([1_200, 30], context({}, { modulus: 1_000 }))).toMatchObject({ kinds: ['reset'] });
  });

  test('unroll() counts both sides of a recorded replacement', () => {
    const replacements = [{ timeUs: minuteUs / 2, closing: 101, opening: 7 }];
    const { kinds, counted } = told([100, 9], context({ replacements }));
    expect(kinds).toEqual(['forward', 'replacement', 'forward']);
    expect(counted).toEqual([1, 0, 2]);
  });

  test('unroll() leaves one bad read out: 1001, 0, 1002 counts 1', () => {
    const { kinds, counted, leftOut } = told([1_001, 0, 1_002], context({}, { maxRatePerH: 100 }));
    expect({ kinds, counted }).toEqual({ kinds: ['forward'], counted: [1] });
    expect(leftOut).toEqual([{ timeUs: minuteUs, value: 0, reason: 'outlier' }]);
  });

  test('unroll() leaves one spike out: 1001, 9001, 1002 counts 1', () => {
    const { counted, leftOut } = told([1_000.5, 1_001, 9_001, 1_002], context({}, { maxRatePerH: 100 }));
    expect(counted).toEqual([0.5, 1]);
    expect(leftOut).toEqual([{ timeUs: 2 * minuteUs, value: 9_001, reason: 'outlier' }]);
  });

  test('unroll() leaves a spike out whose way back looks like a start from zero: 1, 9001, 2 counts 1', () => {
    const { kinds, counted } = told([0, 1, 9_001, 2], context({}, { maxRatePerH: 100 }));
    expect({ kinds, counted }).toEqual({ kinds: ['forward', 'forward'], counted: [1, 1] });
  });

  test('unroll() counts an implausible step that no single sample explains as 0 and goes on from it', () => {
    const { kinds, counted } = told([1_000, 1_001, 9_001, 9_002, 9_003], context({}, { maxRatePerH: 100 }));
    expect(kinds).toEqual(['forward', 'implausible', 'forward', 'forward']);
    expect(counted).toEqual([1, 0, 1, 1]);
  });

  test('unroll() allows 1.2 times the rate and one digit, and not more', () => {
    const facts = { maxRatePerH: 60 };
    expect(told([10, 11.21], context({}, facts)).kinds).toEqual(['forward']);
    expect(told([10, 11.22], context({}, facts)).kinds).toEqual(['implausible']);
  });

  test('unroll() counts what a person accepted, and leaves out what a person left out', () => {
    const facts = { maxRatePerH: 100 };
    const accept = { kind: 'accept', fromUs: minuteUs, toUs: 2 * minuteUs } as const;
    const accepted = told([1_000, 1_001, 9_001, 9_002], context({ decisions: [accept] }, facts));
    expect(accepted).toMatchObject({ kinds: ['forward', 'forward', 'forward'], counted: [1, 8_000, 1] });
    const leaveOut = { kind: 'leave-out', timeUs: 2 * minuteUs } as const;
    const without = told([1_000, 1_001, 9_001, 1_002], context({ decisions: [leaveOut] }, facts));
    expect(without.leftOut).toEqual([{ timeUs: 2 * minuteUs, value: 9_001, reason: 'left-out' }]);
    expect(without.counted).toEqual([1, 1]);
  });

  test('unroll() never takes a register that a person wrote down for an outlier or a start from zero', () => {
    const replacements = [{ timeUs: minuteUs / 2, closing: 5, opening: 7 }];
    const { kinds, counted } = told([100, 9, 10], context({ replacements }));
    expect(kinds).toEqual(['implausible', 'replacement', 'forward', 'forward']);
    expect(counted).toEqual([0, 0, 2, 1]);
  });

  test('unroll() refuses two samples of one time that differ', () => {
    const twice = [...samplesOf(1, 2), { timeUs: 0, value: 9, quality: 0 } as const];
    expect(() => unroll(twice, context())).toThrow('differ');
  });
});

/** What the meter counted from the first sample to each time of the truth, by our arithmetic. */
function differences({ samples, context: given, truth }: MeterHistory): string[] {
  const unrolled = unroll(samples, given);
  const times = [...truth.keys()].slice(1);
  const fromUs = samples[0]?.timeUs ?? 0;
  const found = consumptionIn(
    unrolled,
    times.map((toUs) => ({ fromUs, toUs })),
    given.facts,
  );
  return found.flatMap(({ toUs, value }) => {
    const expected = (truth.get(toUs) ?? Number.NaN) / 100;
    const isRight = value !== null && Math.abs(value - expected) <= 1e-9 * Math.max(1, expected) + 1e-6;
    return isRight ? [] : [`${toUs}: ${value} instead of ${expected}`];
  });
}

describe('unroll() against a reference meter', () => {
  test('unroll() finds what the meter counted, through resets, rollovers, changes, dips and bad reads', () => {
    const seen = { rollover: 0, reset: 0, replacement: 0, dip: 0, outlier: 0 };
    fc.assert(
      fc.property(meterHistory(), (history) => {
        for (const key of Object.keys(seen) as (keyof typeof seen)[]) seen[key] += history.happened[key];
        expect(differences(history)).toEqual([]);
      }),
      { numRuns },
    );
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(500);
  });

  test('unroll() classifies each step as what happened to the meter', () => {
    fc.assert(
      fc.property(meterHistory(), ({ samples, context: given, happened }) => {
        const { steps, leftOut } = unroll(samples, given);
        const count = (kind: string) => steps.filter((step) => step.kind === kind).length;
        expect({
          rollover: count('rollover'),
          reset: count('reset'),
          replacement: count('replacement'),
          dip: count('dip'),
          outlier: leftOut.length,
          implausible: count('implausible'),
        }).toEqual({ ...happened, implausible: 0 });
      }),
      { numRuns },
    );
  });
});

describe('laws of unroll()', () => {
  test('unroll() does not depend on the order of the samples nor on how often they are given', () => {
    fc.assert(
      fc.property(
        anyHistory,
        fc.array(fc.nat(99), { maxLength: 40 }),
        ({ samples, context: given }, picks) => {
          const again = picks.flatMap((pick) => samples[pick] ?? []);
          const rotated = [...samples.slice(picks.length), ...again, ...samples.slice(0, picks.length)];
          expect(unroll(rotated.toReversed(), given)).toEqual(unroll(samples, given));
        },
      ),
      { numRuns },
    );
  });

  test('unroll() has one step between two marks, counts no less than nothing, and nothing when it cannot tell', () => {
    fc.assert(
      fc.property(anyHistory, ({ samples, context: given }) => {
        const { marks, steps } = unroll(samples, given);
        expect(steps).toHaveLength(Math.max(0, marks.length - 1));
        steps.forEach(({ kind, counted, isJump }, at) => {
          const [from, to] = [marks[at]?.register ?? 0, marks[at + 1]?.register ?? 0];
          expect(counted).toBeGreaterThanOrEqual(0);
          if (!isJump) expect(to - from).toBe(counted);
          if (kind === 'implausible' || kind === 'dip' || kind === 'replacement') expect(counted).toBe(0);
        });
      }),
      { numRuns },
    );
  });

  test('unroll() of what has arrived so far stands, but for the last mark', () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(16), ({ samples, context: given }, cut) => {
        const replacements = given.replacements.filter(
          (one) => one.timeUs <= (samples.slice(0, cut).at(-1)?.timeUs ?? 0),
        );
        const early = unroll(samples.slice(0, cut), { ...given, replacements });
        const whole = unroll(samples, given);
        const final = early.marks.slice(0, -1);
        expect(whole.marks.slice(0, final.length)).toEqual(final);
        expect(whole.steps.slice(0, Math.max(0, final.length - 1))).toEqual(
          early.steps.slice(0, Math.max(0, final.length - 1)),
        );
      }),
      { numRuns },
    );
  });

  test('unroll() is not settled by the rise after an outlier within a dip', () => {
    const given = context({}, { maxRatePerH: 30 });
    // In 99.52, 99.50 the meter dips; 99.46 is a bad read; then it stays in its dip.
    const samples = samplesOf(99.52, 99.5, 99.46, 99.5, 99.5, 99.5);
    const whole = unroll(samples, given);
    expect(whole.leftOut).toMatchObject([{ value: 99.46 }]);
    expect(whole.marks.at(-1)?.register).toBe(99.52);
    expect(unroll(samples.slice(1), given).settledFromUs).toBeNull();
  });

  test('unroll() from settledFromUs on does not depend on what came before the first sample', () => {
    let settled = 0;
    fc.assert(
      fc.property(fc.oneof(anyHistory, meterHistory()), fc.nat(12), ({ samples, context: given }, cut) => {
        const later = samples.slice(cut);
        const firstUs = later[0]?.timeUs ?? Infinity;
        const replacements = given.replacements.filter((one) => one.timeUs > firstUs);
        const part = unroll(later, { ...given, replacements });
        const { settledFromUs } = part;
        if (settledFromUs === null) return;
        settled += 1;
        const whole = unroll(samples, given);
        const after = <T extends { timeUs: number }>(list: readonly T[]) =>
          list.filter(({ timeUs }) => timeUs > settledFromUs);
        expect(after(whole.marks)).toEqual(after(part.marks));
        const since = part.marks.map(({ timeUs }) => ({ fromUs: settledFromUs, toUs: timeUs }));
        expect(consumptionIn(whole, since, given.facts)).toEqual(consumptionIn(part, since, given.facts));
        expect(after(whole.leftOut)).toEqual(after(part.leftOut));
      }),
      { numRuns },
    );
    expect(settled).toBeGreaterThan(1_000);
  });
});
