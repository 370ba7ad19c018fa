import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAckQueue } from '#infra/ack-queue.ts';

describe('createAckQueue()', () => {
  it('releases each once and in order of arrival, whatever the order of settling', () => {
    const count = 50;
    const order = fc.shuffledSubarray(
      Array.from({ length: count }, (_, i) => i),
      { minLength: count },
    );
    fc.assert(
      fc.property(order, (settling) => {
        const queue = createAckQueue();
        const released: number[] = [];
        const settle = Array.from({ length: count }, (_, i) => queue.push(() => released.push(i)));
        const settled = new Set<number>();
        for (const index of settling) {
          settle[index]?.();
          settle[index]?.();
          settled.add(index);
          const whole = settle.findIndex((_, i) => !settled.has(i));
          expect(released).toHaveLength(whole === -1 ? count : whole);
        }
        expect(released).toEqual(settle.map((_, i) => i));
        expect(queue.waiting).toBe(0);
      }),
    );
  });

  it('keeps its order when more arrive while some leave', () => {
    const queue = createAckQueue();
    const released: number[] = [];
    for (let i = 0; i < 1000; i++) {
      const settle = [queue.push(() => released.push(2 * i)), queue.push(() => released.push(2 * i + 1))];
      settle[1]?.();
      settle[0]?.();
    }
    expect(released).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  });

  it('releases nothing more once it is discarded', () => {
    const queue = createAckQueue();
    const settle = queue.push(() => expect.unreachable());
    queue.discard();
    settle();
    expect(queue.waiting).toBe(0);
  });
});
