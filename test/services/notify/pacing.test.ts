import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterFailure, atOnce, closedCircuit, rateFreeMs, retryAfterMs } from '#services/notify/pacing.ts';

test('retryAfterMs() doubles from 5 s to 10 min, spread over the second half of each pause', () => {
  expect([1, 2, 3, 8, 50].map((attempts) => retryAfterMs(attempts, 0.999_999))).toEqual([
    5_000, 10_000, 20_000, 600_000, 600_000,
  ]);
  expect(retryAfterMs(1, 0)).toBe(2_500);
});

test('afterFailure() leaves a channel alone after five failures, longer each time, and then tries it with one message', () => {
  let circuit = closedCircuit;
  const pauses: number[] = [];
  for (let i = 0; i < 12; i++) {
    circuit = afterFailure(circuit, 0);
    pauses.push(circuit.openUntilMs);
  }
  expect(pauses).toEqual([0, 0, 0, 0, 30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000]);
  expect([atOnce(closedCircuit, 4), atOnce(circuit, 4)]).toEqual([4, 1]);
});

test('rateFreeMs() never lets more than the rate into any minute', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.nat(20_000), { maxLength: 80 }),
      (perMinute, gaps) => {
        const sent: number[] = [];
        let nowMs = 0;
        for (const gapMs of gaps) {
          nowMs = Math.max(nowMs + gapMs, rateFreeMs(sent, perMinute, nowMs + gapMs));
          sent.push(nowMs);
        }
        for (const fromMs of sent) {
          expect(sent.filter((atMs) => atMs >= fromMs && atMs < fromMs + 60_000).length).toBeLessThanOrEqual(
            perMinute,
          );
        }
      },
    ),
  );
});
