import { expect, test } from 'vitest';
import { backfillMeter, progressLine } from '#gateways/simulator/backfill.ts';

const dayMs = 86_400_000;

test('backfillMeter() tells days, rate and what is left from where this start began', () => {
  const meter = backfillMeter(100 * dayMs, 200 * dayMs);
  expect(meter(100 * dayMs, 0)).toMatchObject({ days: 0, ofDays: 100, daysPerMinute: 0, leftS: null });
  // A quarter in five minutes: fifteen more.
  const quarter = meter(125 * dayMs, 300_000);
  expect(quarter).toMatchObject({ days: 25, daysPerMinute: 5, leftS: 900, throughMs: 125 * dayMs });
  expect(progressLine(quarter)).toBe('25 %  25.0 of 100.0 days, 5.0 days/min, 15 min left');
  expect(progressLine(meter(110 * dayMs, 600_000))).toContain('1 h 30 min left');
});
