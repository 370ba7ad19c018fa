import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { consumptionIn } from '#services/consumption/intervals.ts';
import type { Interval } from '#services/consumption/parts.ts';
import type { RegisterSample } from '#services/consumption/judge.ts';
import { knotQuarterUs, mergeLate, selectKnots } from '#services/consumption/knots.ts';
import { unroll, type CounterContext } from '#services/consumption/unroll.ts';
import { anyHistory, meterHistory } from '#test/kit/register-history.ts';

const numRuns = 100_000;
vi.setConfig({ testTimeout: 180_000 });
const secondUs = 1_000_000;
const context: CounterContext = {
  facts: { resolution: 0.01, modulus: null, maxRatePerH: 100, expectedIntervalUs: 10 * secondUs },
  replacements: [],
  decisions: [],
};
/** One sample every ten seconds from a quarter of an hour on. */
const every10s = (...values: number[]): RegisterSample[] =>
  values.map((value, at) => ({ timeUs: at * 10 * secondUs, value, quality: 0 }));

/** Every quarter of an hour that a history touches, and the spans of each first n of them. */
function quarters(samples: readonly RegisterSample[]): Interval[] {
  const first = Math.floor((samples[0]?.timeUs ?? 0) / knotQuarterUs) - 1;
  const last = Math.ceil((samples.at(-1)?.timeUs ?? 0) / knotQuarterUs) + 1;
  const list: Interval[] = [];
  for (let at = first; at < last; at += 1) {
    list.push({ fromUs: at * knotQuarterUs, toUs: (at + 1) * knotQuarterUs });
    list.push({ fromUs: first * knotQuarterUs, toUs: (at + 1) * knotQuarterUs });
  }
  return list;
}

function consumption(
  samples: readonly RegisterSample[],
  given: CounterContext,
  intervals: readonly Interval[],
) {
  return consumptionIn(unroll(samples, given), intervals, given.facts);
}

describe('selectKnots()', () => {
  test('selectKnots() keeps the last sample at or before each quarter of an hour and the first after it', () => {
    const values = Array.from({ length: 200 }, (_, at) => at / 100);
    const kept = selectKnots(every10s(...values), context).map((knot) => knot.timeUs / secondUs);
    expect(kept).toEqual([0, 10, 900, 910, 1_800, 1_810, 1_990]);
  });

  test('selectKnots() keeps both samples of a reset with a neighbour on either side', () => {
    const values = [10, 10.1, 10.2, 10.3, 0.1, 0.2, 0.3, 0.4];
    expect(selectKnots(every10s(...values), context).map((knot) => knot.value)).toEqual([
      10, 10.1, 10.2, 10.3, 0.1, 0.2, 0.4,
    ]);
  });

  test('selectKnots() tells how much of the time between two knots readings covered', () => {
    const samples = every10s(1, 2, 3, 4, 5, 6).filter(
      (sample) => ![20, 30].includes(sample.timeUs / secondUs),
    );
    const given = { ...context, facts: { ...context.facts, maxRatePerH: null } };
    expect(selectKnots(samples, given).map((knot) => knot.coveredUs / secondUs)).toEqual([0, 10, 10]);
  });

  test('consumption from knots equals consumption from all samples bit for bit, coverage and flags too', () => {
    let dropped = 0;
    fc.assert(
      fc.property(fc.oneof(anyHistory, meterHistory()), ({ samples, context: given }) => {
        const knots = selectKnots(samples, given);
        dropped += samples.length - knots.length;
        const intervals = quarters(samples);
        expect(consumption(knots, given, intervals)).toEqual(consumption(samples, given, intervals));
      }),
      { numRuns },
    );
    expect(dropped).toBeGreaterThan(10_000);
  });

  test('knots of knots are themselves', () => {
    fc.assert(
      fc.property(anyHistory, ({ samples, context: given }) => {
        const knots = selectKnots(samples, given);
        expect(selectKnots(knots, given)).toEqual(knots);
      }),
      { numRuns },
    );
  });
});

describe('mergeLate()', () => {
  const knots = selectKnots(every10s(...Array.from({ length: 200 }, (_, at) => at / 100)), context);
  const late = (timeS: number, value: number, quality: 0 | 1 | 2 = 0) =>
    mergeLate(knots, { timeUs: timeS * secondUs, value, quality }, context);

  test('mergeLate() changes nothing for a plain sample between two knots', () => {
    expect(late(500, 0.5)).toEqual({ kind: 'unchanged' });
    expect(late(500, 77, 2)).toEqual({ kind: 'unchanged' });
  });

  test('mergeLate() knows a sample again and keeps what stands', () => {
    expect(late(900, 0.9)).toEqual({ kind: 'duplicate' });
    expect(late(900, 0.91)).toMatchObject({ kind: 'conflict', standing: { value: 0.9 } });
  });

  test('mergeLate() takes a sample that changes a step or a boundary', () => {
    expect(late(500, 0)).toMatchObject({
      kind: 'merged',
      knot: { value: 0 },
      next: { timeUs: 900 * secondUs },
    });
    expect(late(905, 0.901)).toMatchObject({
      kind: 'merged',
      knot: { coveredUs: 5 * secondUs },
      next: { timeUs: 910 * secondUs, coveredUs: 5 * secondUs },
    });
    expect(late(3_000, 3)).toMatchObject({ kind: 'merged', knot: { coveredUs: 0 }, next: null });
  });

  test('mergeLate() shares what was covered between the two sides of a sample that was not expected', () => {
    const holes = selectKnots(
      every10s(...Array.from({ length: 90 }, (_, at) => at / 100)).filter(
        ({ timeUs }) => timeUs < 450 * secondUs,
      ),
      context,
    );
    expect(holes.map((knot) => knot.coveredUs / secondUs)).toEqual([0, 10, 430]);
    const dip = mergeLate(holes, { timeUs: 110 * secondUs, value: 9, quality: 0 }, context);
    expect(dip).toMatchObject({
      kind: 'merged',
      knot: { coveredUs: 100 * secondUs },
      next: { coveredUs: 330 * secondUs },
    });
    const half = holes.map((knot) => ({ ...knot, coveredUs: knot.coveredUs / 2 }));
    expect(mergeLate(half, { timeUs: 110 * secondUs, value: 9, quality: 0 }, context)).toMatchObject({
      knot: { coveredUs: 50 * secondUs },
      next: { coveredUs: 165 * secondUs },
    });
  });

  test('a sample merged late gives what it would have given in time', () => {
    let merged = 0;
    fc.assert(
      fc.property(meterHistory(), fc.nat(24), ({ samples, context: given }, which) => {
        const sample = samples[which % samples.length];
        if (sample === undefined || sample.quality === 2) return;
        const whole = unroll(samples, given);
        const place = whole.marks.findIndex((mark) => mark.timeUs === sample.timeUs);
        if (whole.steps[place - 1]?.kind !== 'forward' || whole.steps[place]?.kind !== 'forward') return;
        const before = selectKnots(
          samples.filter((one) => one !== sample),
          given,
        );
        const merge = mergeLate(before, sample, given);
        const after =
          merge.kind === 'merged'
            ? [
                ...before.filter((one) => one.timeUs !== merge.next?.timeUs),
                merge.knot,
                ...(merge.next === null ? [] : [merge.next]),
              ]
            : before;
        if (merge.kind === 'merged') merged += 1;
        const intervals = quarters(samples);
        const values = (list: readonly RegisterSample[]) =>
          consumption(list, given, intervals).map(({ value }) => value);
        expect(values(after)).toEqual(values(samples));
      }),
      { numRuns },
    );
    expect(merged).toBeGreaterThan(1_000);
  });
});
