import { describe, expect, test } from 'vitest';
import { compareSuspects, suspectsOf } from '#services/consumption/suspects.ts';
import { unroll } from '#services/consumption/unroll.ts';

const context = {
  facts: { resolution: 1, modulus: null, maxRatePerH: 3_600, expectedIntervalUs: 1_000_000 },
  replacements: [],
  decisions: [],
};
/** One sample a second, at a rate of at most 1.2 and one digit. */
const lineOf = (...values: number[]) =>
  unroll(
    values.map((value, at) => ({ timeUs: at * 1_000_000, value, quality: 0 })),
    context,
  );
const whole = { fromUs: 0, toUs: 1e9 };

describe('suspectsOf()', () => {
  test('suspectsOf() names the steps that count 0 because nobody can believe them', () => {
    expect(suspectsOf(lineOf(0, 1, 900, 901, 902), whole)).toMatchObject([
      { from: { value: 1 }, to: { value: 900 }, claimed: 899 },
    ]);
  });

  test('suspectsOf() waits for the sample after: it may show an outlier', () => {
    expect(suspectsOf(lineOf(0, 1, 900), whole)).toEqual([]);
    expect(suspectsOf(lineOf(0, 1, 900, 2), whole)).toEqual([]);
    expect(suspectsOf(lineOf(0, 1, 900, 901), whole)).toHaveLength(1);
  });

  test('suspectsOf() gives a step to the range that it ends in', () => {
    const line = lineOf(0, 1, 900, 901, 902);
    expect(suspectsOf(line, { fromUs: 0, toUs: 2_000_000 })).toEqual([]);
    expect(suspectsOf(line, { fromUs: 2_000_000, toUs: 3_000_000 })).toHaveLength(1);
  });
});

describe('compareSuspects()', () => {
  test('compareSuspects() tells what is new from what is gone', () => {
    const [suspect] = suspectsOf(lineOf(0, 1, 900, 901, 902), whole);
    if (suspect === undefined) throw new Error('no suspect');
    const same = { fromUs: 1_000_000, toUs: 2_000_000 };
    const other = { fromUs: 1_000_000, toUs: 1_500_000 };
    expect(compareSuspects([suspect], [same, other])).toEqual({ fresh: [], gone: [other] });
    expect(compareSuspects([suspect], [other])).toEqual({ fresh: [suspect], gone: [other] });
  });
});
