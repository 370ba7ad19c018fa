import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { consumptionIn } from '#services/consumption/intervals.ts';
import type { RegisterSample } from '#services/consumption/judge.ts';
import { readLine } from '#services/consumption/samples.ts';
import { suspectsOf } from '#services/consumption/suspects.ts';
import { unroll, type CounterContext } from '#services/consumption/unroll.ts';
import { anyHistory, meterHistory, sourceOf } from '#test/kit/register-history.ts';

const numRuns = 100_000;
vi.setConfig({ testTimeout: 180_000 });

describe('readLine()', () => {
  test('readLine() of a range gives what the whole history gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anyHistory, meterHistory()),
        fc.array(fc.nat(1_000), { minLength: 2, maxLength: 2 }),
        fc.record({ lead: fc.integer({ min: 1, max: 4 }), tail: fc.integer({ min: 1, max: 3 }) }),
        async ({ samples, context }, places, page) => {
          const [firstUs, lastUs] = [samples[0]?.timeUs ?? 0, samples.at(-1)?.timeUs ?? 0];
          const [fromUs = 0, toUs = 0] = places
            .map((place) => firstUs + Math.floor(((lastUs - firstUs) * place) / 1_000))
            .toSorted((a, b) => a - b);
          const range = { pointId: 1, fromUs, toUs };
          const whole = unroll(samples, context);
          const line = await readLine(sourceOf(samples, page), range, context);
          const ask = (one: typeof line) => consumptionIn(one, [range], context.facts);
          expect(ask(line)).toEqual(ask(whole));
          expect(suspectsOf(line, range)).toEqual(suspectsOf(whole, range));
        },
      ),
      { numRuns },
    );
  });

  const context: CounterContext = {
    facts: { resolution: 0.01, modulus: null, maxRatePerH: null, expectedIntervalUs: 10_000_000 },
    replacements: [],
    decisions: [],
  };
  const longHistory = (valueAt: (index: number) => number) =>
    Array.from({ length: 5_000 }, (_, at): RegisterSample => ({
      timeUs: at * 10_000_000,
      value: valueAt(at),
      quality: 0,
    }));

  test('readLine() of a counter that rises reads little beyond its range', async () => {
    const source = sourceOf(longHistory((at) => at / 50));
    await readLine(source, { pointId: 1, fromUs: 40_000_000_000, toUs: 40_100_000_000 }, context);
    expect(source.read).toBeLessThan(60);
  });

  test('readLine() of an idle counter goes back to the dip it stands in', async () => {
    // It showed 0.02 more before it fell asleep: what it counts on waking begins at that.
    const samples = longHistory((at) => (at < 100 ? at / 10 : at < 4_990 ? 9.88 : 10));
    const range = { pointId: 1, fromUs: 49_000_000_000, toUs: 49_990_000_000 };
    const line = await readLine(sourceOf(samples), range, context);
    expect(consumptionIn(line, [range], context.facts)[0]?.value).toBeCloseTo(0.1, 9);
  });

  test('readLine() of an idle counter goes back no further than to when its meter was changed', async () => {
    const source = sourceOf(longHistory((at) => (at < 100 ? at / 10 : 9.9)));
    const replacements = [{ timeUs: 48_995_000_000, closing: 9.9, opening: 9.9 }];
    const range = { pointId: 1, fromUs: 49_000_000_000, toUs: 49_100_000_000 };
    await readLine(source, range, { ...context, replacements });
    expect(source.read).toBeLessThan(60);
  });
});
