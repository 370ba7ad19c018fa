import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findOldest } from '#gateways/cctv/oldest.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

test('findOldest() finds the first of any recordings, with gaps and where an answer holds few, in few questions', async () => {
  const hours = fc.uniqueArray(fc.integer({ min: 0, max: 90 * 24 - 1 }), { maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(hours, fc.integer({ min: 1, max: 400 }), async (recorded, most) => {
      let questions = 0;
      const ask = (stretch: { fromMs: number; toMs: number }) => {
        questions++;
        const found = recorded
          .map((hour) => ({ fromMs: hour * hourMs, toMs: (hour + 1) * hourMs }))
          .filter(({ fromMs, toMs }) => fromMs < stretch.toMs && toMs > stretch.fromMs);
        return Promise.resolve(found.length > most ? ('many' as const) : found);
      };
      const oldest = await findOldest(ask, { fromMs: 0, toMs: 90 * dayMs });
      expect(oldest).toBe(recorded.length === 0 ? null : Math.min(...recorded) * hourMs);
      expect(questions).toBeLessThan(40);
    }),
  );
});

test('findOldest() tells when even an hour has more than an answer holds', async () => {
  const stretch = { fromMs: 0, toMs: 30 * dayMs };
  await expect(findOldest(() => Promise.resolve('many'), stretch)).rejects.toThrow('more recordings');
});
