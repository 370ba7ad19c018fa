import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { consumptionIn, partsIn } from '#services/consumption/intervals.ts';
import { joinParts, totalOf, type Interval } from '#services/consumption/parts.ts';
import type { RegisterSample } from '#services/consumption/judge.ts';
import { unroll, type CounterContext } from '#services/consumption/unroll.ts';
import { anyHistory, meterHistory } from '#test/kit/register-history.ts';

const numRuns = 100_000;
vi.setConfig({ testTimeout: 180_000 });
const minuteUs = 60_000_000;
const context = (more: Partial<CounterContext> = {}, facts = {}): CounterContext => ({
  facts: { resolution: 0.01, modulus: null, maxRatePerH: null, expectedIntervalUs: minuteUs, ...facts },
  replacements: [],
  decisions: [],
  ...more,
});
/** Samples as (minute, value, quality). */
const at = (...rows: (readonly [number, number, (0 | 1 | 2)?])[]): RegisterSample[] =>
  rows.map(([minute, value, quality = 0]) => ({ timeUs: minute * minuteUs, value, quality }));
/** Consumption between minutes. */
function between(samples: RegisterSample[], minutes: readonly number[], given = context()) {
  const intervals = minutes.slice(1).map((to, place) => ({
    fromUs: (minutes[place] ?? 0) * minuteUs,
    toUs: to * minuteUs,
  }));
  return consumptionIn(unroll(samples, given), intervals, given.facts).map(({ value, coverage, flags }) => ({
    value,
    coverage,
    flags: flags.join(' '),
  }));
}

describe('consumptionIn()', () => {
  test('consumptionIn() interpolates a boundary between two samples', () => {
    expect(between(at([0, 10], [1, 11], [3, 15]), [0, 2, 3])).toEqual([
      { value: 3, coverage: 1, flags: '' },
      { value: 2, coverage: 1, flags: '' },
    ]);
  });

  test('consumptionIn() marks a boundary as estimated when its gap is longer than two expected intervals', () => {
    expect(between(at([0, 10], [3, 16], [4, 17]), [0, 2, 4])).toEqual([
      { value: 4, coverage: 0, flags: 'estimated' },
      { value: 3, coverage: 0.5, flags: 'estimated' },
    ]);
    expect(between(at([0, 10], [3, 16], [4, 17]), [0, 3, 4]).map((one) => one.flags)).toEqual(['', '']);
  });

  test('consumptionIn() knows nothing before the first and after the last sample', () => {
    expect(between(at([2, 10], [4, 12]), [0, 2, 3, 8, 9])).toEqual([
      { value: null, coverage: 0, flags: 'incomplete' },
      { value: 1, coverage: 1, flags: '' },
      { value: 1, coverage: 0.2, flags: 'incomplete' },
      { value: null, coverage: 0, flags: 'incomplete' },
    ]);
    expect(between(at([2, 10]), [0, 2, 4]).map((one) => one.value)).toEqual([null, null]);
    expect(between([], [0, 2])).toEqual([{ value: null, coverage: 0, flags: 'incomplete' }]);
  });

  test('consumptionIn() leaves bad samples out and marks what rests on uncertain ones', () => {
    expect(between(at([0, 10], [1, 500, 2], [2, 12], [4, 14, 1], [6, 16]), [0, 2, 3, 5, 6])).toEqual([
      { value: 2, coverage: 1, flags: '' },
      { value: 1, coverage: 1, flags: 'uncertain' },
      { value: 2, coverage: 1, flags: 'uncertain' },
      { value: 1, coverage: 1, flags: 'uncertain' },
    ]);
  });

  test('consumptionIn() spreads what a reset counted over its gap, and says so', () => {
    expect(between(at([0, 90], [2, 10], [3, 11]), [0, 1, 2, 3])).toEqual([
      { value: 5, coverage: 1, flags: 'reset' },
      { value: 5, coverage: 1, flags: 'reset' },
      { value: 1, coverage: 1, flags: '' },
    ]);
  });

  test('consumptionIn() puts a replacement where it happened', () => {
    const replacements = [{ timeUs: 2 * minuteUs, closing: 101, opening: 5 }];
    expect(between(at([0, 100], [3, 7], [4, 8]), [0, 2, 3, 4], context({ replacements }))).toEqual([
      { value: 1, coverage: 1, flags: '' },
      { value: 2, coverage: 1, flags: 'replacement' },
      { value: 1, coverage: 1, flags: '' },
    ]);
  });

  test('consumptionIn() flags the interval of an outlier and of an implausible step', () => {
    const given = context({}, { maxRatePerH: 100 });
    const rows = at([0, 1_000], [1, 1_001], [2, 0], [3, 1_002], [4, 5_000], [5, 5_001], [6, 5_002]);
    expect(between(rows, [0, 2, 3, 4, 6], given)).toEqual([
      { value: 1.5, coverage: 1, flags: '' },
      { value: 0.5, coverage: 1, flags: 'outlier' },
      { value: 0, coverage: 1, flags: 'implausible' },
      { value: 2, coverage: 1, flags: '' },
    ]);
  });
});

describe('isWhole of consumptionIn()', () => {
  test('isWhole is false, and incomplete told, exactly where the interval is cut at the first or last sample', () => {
    const line = unroll(at([2, 10], [8, 12]), context());
    const spans = [
      [2, 8],
      [3, 7],
      [1, 8],
      [2, 9],
      [9, 10],
    ].map(([from = 0, to = 0]) => ({ fromUs: from * minuteUs, toUs: to * minuteUs }));
    const found = consumptionIn(line, spans, context().facts);
    expect(found.map(({ isWhole }) => isWhole)).toEqual([true, true, false, false, false]);
    expect(found.map(({ flags }) => !flags.includes('incomplete'))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('totalOf()', () => {
  test('totalOf() says when a counter is missing, and carries every flag', () => {
    const one = { fromUs: 0, toUs: 1, value: 2, coverage: 1, flags: ['reset' as const], isWhole: true };
    const none = {
      fromUs: 0,
      toUs: 1,
      value: null,
      coverage: 0,
      flags: ['estimated' as const, 'incomplete' as const],
      isWhole: false,
    };
    expect(totalOf([[one], [none], [one]])).toEqual([
      {
        fromUs: 0,
        toUs: 1,
        value: 4,
        coverage: 2 / 3,
        flags: ['estimated', 'reset', 'incomplete'],
        isWhole: false,
      },
    ]);
    const cut = { ...one, flags: ['incomplete' as const], isWhole: false };
    expect(totalOf([[one], [cut]])[0]).toMatchObject({ value: 4, flags: ['reset', 'incomplete'] });
    expect(totalOf([[none]])[0]).toMatchObject({ value: null, flags: ['estimated', 'incomplete'] });
  });
});

/** The span of a history cut at a few places. */
function cuts(samples: readonly RegisterSample[], places: readonly number[]): number[] {
  const [firstUs, lastUs] = [samples[0]?.timeUs ?? 0, samples.at(-1)?.timeUs ?? 0];
  const inside = places.map((place) => firstUs + Math.floor(((lastUs - firstUs) * place) / 1_000));
  return [...new Set([firstUs, ...inside, lastUs])].toSorted((a, b) => a - b);
}
const pairs = (times: readonly number[]): Interval[] =>
  times.slice(1).map((toUs, place) => ({ fromUs: times[place] ?? 0, toUs }));
const places = fc.array(fc.nat(1_000), { maxLength: 6 });

describe('laws of consumptionIn()', () => {
  test('consumptionIn() of the parts sums to that of the whole within 1e-9, and is never negative', () => {
    fc.assert(
      fc.property(anyHistory, places, ({ samples, context: given }, chosen) => {
        const times = cuts(samples, chosen);
        const unrolled = unroll(samples, given);
        const whole = { fromUs: times[0] ?? 0, toUs: times.at(-1) ?? 0 };
        const [total] = consumptionIn(unrolled, [whole], given.facts);
        const parts = consumptionIn(unrolled, pairs(times), given.facts);
        const sum = parts.reduce((before, part) => before + (part.value ?? 0), 0);
        for (const part of parts) expect(part.value ?? 0).toBeGreaterThanOrEqual(0);
        expect(Math.abs(sum - (total?.value ?? 0))).toBeLessThanOrEqual(1e-9 * (total?.value ?? 0));
        const covered = parts.reduce((before, part) => before + part.coverage * (part.toUs - part.fromUs), 0);
        if (total !== undefined) expect(covered).toBeCloseTo(total.coverage * (whole.toUs - whole.fromUs), 0);
      }),
      { numRuns },
    );
  });

  test('joinParts() of the parts is the whole: the value within 1e-9, everything else exactly', () => {
    fc.assert(
      fc.property(anyHistory, places, fc.nat(3), ({ samples, context: given }, chosen, beyond) => {
        const inside = cuts(samples, chosen);
        const times = [
          ...((beyond & 1) === 0 ? [] : [(inside[0] ?? 0) - 7]),
          ...inside,
          ...((beyond & 2) === 0 ? [] : [(inside.at(-1) ?? 0) + 7]),
        ];
        if (times.length < 2) return;
        const unrolled = unroll(samples, given);
        const [whole] = consumptionIn(
          unrolled,
          [{ fromUs: times[0] ?? 0, toUs: times.at(-1) ?? 0 }],
          given.facts,
        );
        const joined = joinParts(partsIn(unrolled, pairs(times), given.facts));
        expect({ ...joined, value: null }).toEqual({ ...whole, value: null });
        expect(joined.value === null).toBe(whole?.value === null);
        const [one, other] = [joined.value ?? 0, whole?.value ?? 0];
        expect(Math.abs(one - other)).toBeLessThanOrEqual(1e-9 * other);
      }),
      { numRuns },
    );
  });

  test('consumptionIn() grows with the interval', () => {
    fc.assert(
      fc.property(anyHistory, places, ({ samples, context: given }, chosen) => {
        const times = cuts(samples, chosen);
        const growing = times.slice(1).map((toUs) => ({ fromUs: times[0] ?? 0, toUs }));
        const values = consumptionIn(unroll(samples, given), growing, given.facts).map(
          ({ value }) => value ?? 0,
        );
        values.forEach((value, place) => {
          // The sum of many terms may round; nothing else may be lost.
          expect(value).toBeGreaterThanOrEqual((values[place - 1] ?? 0) * (1 - 1e-12));
        });
      }),
      { numRuns },
    );
  });

  test('consumptionIn() is changed by a late plain sample only where its neighbours are', () => {
    let late = 0;
    fc.assert(
      fc.property(meterHistory(), fc.nat(30), places, ({ samples, context: given }, which, chosen) => {
        const sample = samples[which % samples.length];
        if (sample === undefined) return;
        const whole = unroll(samples, given);
        const without = unroll(
          samples.filter((one) => one !== sample),
          given,
        );
        const place = whole.marks.findIndex((mark) => mark.timeUs === sample.timeUs);
        if (whole.steps[place - 1]?.kind !== 'forward' || whole.steps[place]?.kind !== 'forward') return;
        const [before, after] = [whole.marks[place - 1], whole.marks[place + 1]];
        if (before === undefined || after === undefined) return;
        late += 1;
        const intervals = pairs(
          [...new Set([...cuts(samples, chosen), before.timeUs, after.timeUs])].toSorted(),
        );
        const touched = ({ fromUs, toUs }: Interval) => toUs > before.timeUs && fromUs < after.timeUs;
        const [now, then] = [whole, without].map((line) => consumptionIn(line, intervals, given.facts));
        intervals.forEach((interval, index) => {
          if (touched(interval)) return;
          // An uncertain sample also marks the interval that ends at it.
          expect({ ...now?.[index], flags: [] }).toEqual({ ...then?.[index], flags: [] });
        });
      }),
      { numRuns },
    );
    expect(late).toBeGreaterThan(2_000);
  });

  test('consumptionIn() is changed by any late sample only from two marks before it to where the line is settled', () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(15), places, ({ samples, context: given }, pick, chosen) => {
        const which = pick % samples.length;
        const sample = samples[which];
        if (sample === undefined) return;
        const rest = samples.filter((one) => one !== sample);
        const earlier = unroll(samples.slice(0, which), {
          ...given,
          replacements: given.replacements.filter((one) => one.timeUs <= (samples[which - 1]?.timeUs ?? 0)),
        });
        const finalUs = earlier.marks.at(-2)?.timeUs ?? -Infinity;
        const later = unroll(samples.slice(which + 1), {
          ...given,
          replacements: given.replacements.filter((one) => one.timeUs > sample.timeUs),
        });
        const settledUs = later.settledFromUs ?? Infinity;
        const intervals = pairs(cuts(samples, chosen));
        const [now, then] = [samples, rest].map((list) =>
          consumptionIn(unroll(list, given), intervals, given.facts),
        );
        intervals.forEach(({ fromUs, toUs }, index) => {
          if (toUs <= finalUs || fromUs >= settledUs) expect(now?.[index]).toEqual(then?.[index]);
        });
      }),
      { numRuns },
    );
  });
});
