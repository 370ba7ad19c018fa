import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { RegisterSample } from '#services/consumption/judge.ts';
import { readSettled } from '#services/consumption/samples.ts';
import { readStretch } from '#services/consumption/stretch.ts';
import { anyHistory, meterHistory, sourceOf } from '#test/kit/register-history.ts';

vi.setConfig({ testTimeout: 180_000 });
const pointId = 1;

test('readStretch() settles every range within it and beyond as the samples themselves do', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(anyHistory, meterHistory()),
      fc.array(fc.nat(1_100), { minLength: 4, maxLength: 12 }),
      fc.record({ lead: fc.integer({ min: 1, max: 4 }), tail: fc.integer({ min: 1, max: 3 }) }),
      fc.integer({ min: 1, max: 20 }),
      async ({ samples, context }, places, page, most) => {
        const [firstUs, lastUs] = [samples[0]?.timeUs ?? 0, samples.at(-1)?.timeUs ?? 0];
        const bounds = places
          .map((place) => firstUs + Math.floor(((lastUs - firstUs) * (place - 50)) / 1_000))
          .toSorted((a, b) => a - b);
        const rangeAt = (at: number) => ({ pointId, fromUs: bounds[at] ?? 0, toUs: bounds[at + 1] ?? 0 });
        const held = { pointId, fromUs: bounds[1] ?? 0, toUs: bounds[places.length - 2] ?? 0 };
        const stretch = await readStretch(() => sourceOf(samples, page), held, most);
        for (let at = 0; at + 1 < bounds.length; at += 1) {
          const alone = await readSettled(sourceOf(samples, page), rangeAt(at), context);
          expect(await readSettled(stretch, rangeAt(at), context)).toEqual(alone);
        }
      },
    ),
    { numRuns: 20_000 },
  );
});

const everyUs = 10_000_000;
const samplesUntil = (count: number, valueAt: (at: number) => number) =>
  Array.from({ length: count }, (_, at): RegisterSample => ({
    timeUs: at * everyUs,
    value: valueAt(at),
    quality: 0,
  }));
const context = {
  facts: { resolution: 0.01, modulus: null, maxRatePerH: null, expectedIntervalUs: everyUs },
  replacements: [],
  decisions: [],
};

test.each([
  ['that rises by three questions', (at: number) => at, 3],
  ['that is idle by a few more, which no later range asks again', () => 7, 6],
])('readStretch() answers many ranges of a counter %s', async (_, valueAt, questions) => {
  const source = sourceOf(samplesUntil(6_000, valueAt));
  const held = { pointId, fromUs: 3_000 * everyUs, toUs: 5_000 * everyUs };
  const stretch = await readStretch(() => source, held, 10_000);
  for (let fromUs = held.fromUs; fromUs < held.toUs; fromUs += 100 * everyUs) {
    await readSettled(stretch, { pointId, fromUs, toUs: fromUs + 100 * everyUs }, context);
  }
  expect(source.asked).toBe(questions);
});
