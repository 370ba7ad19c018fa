import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Coalescer, frameIntervalMs } from '#services/live/coalesce.ts';

const value = (pointId: number, timeMs: number, more: { value?: number; quality?: number } = {}) => ({
  pointId,
  timeMs,
  value: more.value ?? timeMs,
  quality: more.quality ?? 0,
});

function watching(...pointIds: number[]): Coalescer {
  const coalescer = new Coalescer();
  coalescer.watch(new Map(pointIds.map((id) => [id, `d.p${id}`])));
  return coalescer;
}

describe('Coalescer', () => {
  it('lets the first change after silence go at once, and the next 100 ms later', () => {
    const coalescer = watching(1);
    expect(coalescer.dueMs()).toBeNull();
    coalescer.offer(value(1, 10));
    expect(coalescer.take(5_000)).toEqual({ p: ['d.p1'], t: [10], v: [10], q: [0] });
    coalescer.offer(value(1, 11));
    expect(coalescer.take(5_099)).toBeNull();
    expect(coalescer.dueMs()).toBe(5_100);
    expect(coalescer.take(5_100)?.t).toEqual([11]);
  });

  it('keeps one value a point, the newest of the source, however many come', () => {
    const coalescer = watching(1, 2);
    for (const timeMs of [1, 5, 3]) coalescer.offer(value(1, timeMs));
    coalescer.offer(value(2, 1));
    expect(coalescer.take(0)).toEqual({ p: ['d.p1', 'd.p2'], t: [5, 1], v: [5, 1], q: [0, 0] });
  });

  it('tells a correction of the same time, but not the same value again, nor a late one', () => {
    const coalescer = watching(1);
    coalescer.offer(value(1, 10));
    coalescer.take(0);
    coalescer.offer(value(1, 10));
    coalescer.offer(value(1, 9));
    expect(coalescer.dueMs()).toBeNull();
    coalescer.offer(value(1, 10, { quality: 2 }));
    expect(coalescer.take(1_000)?.q).toEqual([2]);
  });

  it('keeps everything back while held, and then tells only what is newer than the snapshot', () => {
    const coalescer = watching(1, 2, 3);
    coalescer.hold();
    for (const id of [1, 2, 3]) coalescer.offer(value(id, 10));
    expect(coalescer.take(1_000)).toBeNull();
    coalescer.seed(value(1, 10));
    coalescer.seed(value(2, 9));
    coalescer.release();
    expect(coalescer.take(1_000)?.p).toEqual(['d.p2', 'd.p3']);
  });

  it('forgets points that are no longer watched, also those that wait', () => {
    const coalescer = watching(1, 2);
    coalescer.offer(value(1, 1));
    expect(
      coalescer.watch(
        new Map([
          [2, 'd.p2'],
          [3, 'd.p3'],
        ]),
      ),
    ).toEqual([3]);
    expect(coalescer.take(0)).toBeNull();
    coalescer.offer(value(1, 2));
    expect(coalescer.dueMs()).toBeNull();
  });

  it('ends with the newest value of every point, in frames 100 ms apart, whatever comes when', () => {
    const change = fc.record({
      afterMs: fc.integer({ min: 0, max: 60 }),
      pointId: fc.integer({ min: 1, max: 4 }),
      timeMs: fc.integer({ min: 0, max: 1_000 }),
      value: fc.integer({ min: 0, max: 5 }),
      isHeld: fc.boolean(),
      canSend: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        const coalescer = watching(1, 2, 3, 4);
        const told = new Map<string, { t: number | undefined; v: number | undefined }>();
        const newest = new Map<string, { t: number; v: number }>();
        const sentAtMs: number[] = [];
        let nowMs = 0;
        const send = () => {
          const frame = coalescer.take(nowMs);
          if (frame === null) return;
          sentAtMs.push(nowMs);
          frame.p.forEach((key, i) => told.set(key, { t: frame.t[i], v: frame.v[i] }));
        };
        for (const { afterMs, isHeld, canSend, ...offered } of changes) {
          nowMs += afterMs;
          if (isHeld) coalescer.hold();
          else coalescer.release();
          coalescer.offer({ ...offered, quality: 0 });
          const key = `d.p${offered.pointId}`;
          const known = newest.get(key);
          if (known === undefined || offered.timeMs >= known.t) {
            newest.set(key, { t: offered.timeMs, v: offered.value });
          }
          if (canSend) send();
        }
        coalescer.release();
        nowMs += frameIntervalMs;
        send();
        expect(told).toEqual(newest);
        sentAtMs.slice(1).forEach((atMs, i) => {
          expect(atMs - (sentAtMs[i] ?? 0)).toBeGreaterThanOrEqual(frameIntervalMs);
        });
      }),
    );
  });
});
