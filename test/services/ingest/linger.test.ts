import { describe, expect, test } from 'vitest';
import { Linger } from '#services/ingest/linger.ts';

/** Flushes `everyMs` apart of what came meanwhile, from 0 to `untilMs`. */
function steady(valuesPerMs: number, { everyMs, untilMs }: { everyMs: number; untilMs: number }): Linger {
  const linger = new Linger();
  for (let nowMs = 0; nowMs <= untilMs; nowMs += everyMs) linger.begin(nowMs, valuesPerMs * everyMs);
  return linger;
}

describe('Linger', () => {
  test('untilOfFirst() gives a lone packet a moment for company', () => {
    expect(new Linger().untilOfFirst(1_000)).toBe(1_003);
    expect(new Linger().untilOfNext(1_000)).toBe(1_000);
  });

  test('untilOfNext() sets flushes as far apart as their values are worth, and never farther than 50 ms', () => {
    const begunMs = 400;
    const apart = (valuesPerMs: number) =>
      steady(valuesPerMs, { everyMs: 4, untilMs: begunMs }).untilOfNext(begunMs + 1) - begunMs;
    expect(apart(10)).toBeCloseTo(10);
    expect(apart(30)).toBeCloseTo(30);
    expect(apart(500)).toBeCloseTo(50);
    expect(apart(0.5), 'what came before the flush ended goes at once').toBe(1);
  });

  test('untilOfNext() takes a burst for what it is over a while, and forgets it', () => {
    const linger = steady(0.1, { everyMs: 50, untilMs: 1_000 });
    linger.begin(1_010, 400);
    expect(linger.untilOfNext(1_010), 'one large flush is no pace yet').toBe(1_010 + 0.1);
    linger.begin(1_100, 0);
    expect(linger.untilOfNext(1_100) - 1_100).toBeCloseTo(4);
    linger.begin(2_100, 0);
    expect(linger.untilOfNext(2_100)).toBe(2_100);
  });

  test('lookAt() asks now and then whether still somebody comes', () => {
    expect(new Linger().lookAt(100, 150)).toBe(105);
    expect(new Linger().lookAt(148, 150)).toBe(150);
    // Never in the past, which a timer would warn of.
    expect(new Linger().lookAt(150.0002, 150)).toBe(150.0002);
  });
});
