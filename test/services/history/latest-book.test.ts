import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LatestBook } from '#services/history/latest-book.ts';
import type { LatestRow } from '#services/history/store.ts';

const frame = (...rows: LatestRow[]) => ({
  pointIds: rows.map(({ pointId }) => pointId),
  timesMs: rows.map(({ timeMs }) => timeMs),
  values: rows.map(({ value }) => value),
  qualities: rows.map(({ quality }) => quality),
});
const row = (pointId: number, timeMs: number, value = 0, quality = 0): LatestRow => ({
  pointId,
  timeMs,
  value,
  quality,
});

describe('LatestBook', () => {
  test('of() tells what is not known from what is known to be nothing', () => {
    const book = new LatestBook();
    expect(book.of(1)).toBeUndefined();
    book.doubt([1, 2]);
    expect(book.of(1)).toBeUndefined();
    const taken = book.takeDoubtful(10);
    book.settle(taken, [row(2, 50, 7, 1)]);
    expect([book.of(1), book.of(2), book.waiting]).toEqual([null, row(2, 50, 7, 1), 0]);
  });

  test('offer() of late readings changes nothing, of a correction asks the rows', () => {
    const book = new LatestBook();
    book.doubt([1]);
    book.settle(book.takeDoubtful(1), [row(1, 50, 7)]);
    book.offer(frame(row(1, 40, 9)));
    expect([book.of(1), book.waiting]).toEqual([row(1, 50, 7), 0]);
    book.offer(frame(row(1, 50, 8)));
    expect(book.waiting).toBe(1);
  });

  test('settle() with rows older than what was told meanwhile keeps that, or reads again', () => {
    const book = new LatestBook();
    book.doubt([1, 2]);
    const taken = book.takeDoubtful(2);
    book.offer(frame(row(1, 60, 1), row(2, 50, 2)));
    book.settle(taken, [row(1, 50, 9), row(2, 50, 9)]);
    expect(book.of(1)).toEqual(row(1, 60, 1));
    expect(book.takeDoubtful(9)).toEqual([2]);
  });

  /** A store with commits in some order, frames of them that are lost, delayed and swapped, and reads in between. */
  const act = fc.oneof(
    fc.record({ kind: fc.constant('commit' as const), time: fc.nat({ max: 5 }), value: fc.nat({ max: 3 }) }),
    fc.record({ kind: fc.constant('frame' as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant('lose' as const), pick: fc.nat() }),
    fc.constant({ kind: 'take' as const }),
    fc.constant({ kind: 'settle' as const }),
  );

  test('whatever frames do, what the book holds when nothing waits is what the rows hold', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const book = new LatestBook();
        const rows = new Map<number, LatestRow>();
        const frames: LatestRow[] = [];
        const newest = () => [...rows.values()].toSorted((a, b) => b.timeMs - a.timeMs).slice(0, 1);
        let reading: { taken: number[]; seen: LatestRow[] } | null = null;
        const settle = () => {
          if (reading !== null) book.settle(reading.taken, reading.seen);
          reading = null;
        };
        const take = () => {
          settle();
          reading = { taken: book.takeDoubtful(1), seen: newest() };
        };
        book.doubt([1]);
        for (const step of acts) {
          if (step.kind === 'commit') {
            const made = row(1, step.time, step.value);
            rows.set(step.time, made);
            frames.push(made);
          } else if (step.kind === 'take') take();
          else if (step.kind === 'settle') settle();
          else {
            const [told] = frames.splice(step.pick % Math.max(frames.length, 1), 1);
            if (step.kind === 'lose') book.doubtAll();
            else if (told !== undefined) book.offer(frame(told));
          }
        }
        for (const told of frames) book.offer(frame(told));
        // What was lost is told as a hole before anything after it.
        settle();
        book.doubtAll();
        while (book.waiting > 0) take();
        settle();
        expect(book.of(1) ?? null).toEqual(newest()[0] ?? null);
      }),
      { numRuns: 5_000 },
    );
  });

  test('50,000 points take a few bytes each', () => {
    const book = new LatestBook();
    const pointIds = Array.from({ length: 50_000 }, (_, index) => index + 1);
    book.doubt(pointIds);
    book.settle(
      book.takeDoubtful(50_000),
      pointIds.map((pointId) => row(pointId, pointId, pointId)),
    );
    expect(book.size).toBe(50_000);
    expect(book.of(49_999)).toEqual(row(49_999, 49_999, 49_999));
  });
});
