import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latestAnswer } from '#schemas/api/registry.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { createLatestText } from '#services/history/latest-text.ts';
import { queryLatest } from '#services/history/readings.ts';
import type { LatestRow } from '#services/history/store.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { fakeDirectory } from '#test/kit/directory.ts';

const now = Date.UTC(2026, 0, 5);

describe('createLatestText()', () => {
  test('createLatestText() writes what the items say, whatever the points are and have', async () => {
    const latestText = createLatestText();
    const point = fc.record({
      metric: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
      unit: fc.constantFrom('kWh', 'µg/m³', '"', '°C'),
      states: fc.constantFrom([], ['closed', 'open']),
      provenance: fc.constantFrom('field', 'simulated'),
      row: fc.option(
        fc.record({
          timeMs: fc.integer({ min: -5_000, max: 3 }).map((ms) => now + ms / 8),
          value: fc.oneof(
            fc.constantFrom(0, -0, 1, 1e21, 5e-324),
            fc.double({ noNaN: true, noDefaultInfinity: true }),
          ),
          quality: fc.constantFrom(0, 1, 2),
        }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(point, { maxLength: 8 }), async (stated) => {
        const directory = fakeDirectory();
        const rows = new Map<number, LatestRow>();
        const points = stated.map(({ metric, row, ...more }, index): PointInfo => {
          const added = directory.add(`em-${index}`, metric, more);
          if (row !== null) rows.set(added.pointId, { pointId: added.pointId, ...row });
          return added;
        });
        const rowOf = (pointId: number) => rows.get(pointId) ?? null;
        const deps = {
          db: { query: () => undefined as never },
          clock: fakeClock(now),
          latest: { of: rowOf },
        };
        const items = await queryLatest(deps, points);
        for (let again = 0; again < 2; again++) {
          const text = latestText({ points, rows: points.map(({ pointId }) => rowOf(pointId)), nowMs: now });
          expect(text).toBe(JSON.stringify({ items, nextCursor: null }));
          latestAnswer.parse(JSON.parse(text));
        }
      }),
    );
  });
});
