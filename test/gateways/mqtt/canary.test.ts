import { describe, expect, it } from 'vitest';
import { createCanary } from '#gateways/mqtt/canary.ts';

describe('createCanary()', () => {
  it('reports the lag of what came back', () => {
    const canary = createCanary('run');
    canary.received(canary.next(1000), 1040);
    expect(canary.status(1050)).toEqual({ lagMs: 40, holes: 0 });
  });

  it('reports the age of what has not come back when that is more', () => {
    const canary = createCanary('run');
    expect(canary.status(0)).toEqual({ lagMs: null, holes: 0 });
    canary.received(canary.next(1000), 1040);
    canary.next(2000);
    expect(canary.status(9000)).toEqual({ lagMs: 7000, holes: 0 });
  });

  it('counts numbers that never came as holes when a later one does', () => {
    const canary = createCanary('run');
    const [first, , , fourth] = [canary.next(1), canary.next(2), canary.next(3), canary.next(4)];
    canary.received(first, 5);
    canary.received(fourth, 6);
    expect(canary.status(6)).toEqual({ lagMs: 2, holes: 2 });
  });

  it('ignores repeats, other runs and anything else', () => {
    const canary = createCanary('run');
    const sent = canary.next(1);
    canary.received(sent, 2);
    for (const text of [sent, createCanary('other').next(1), '', 'null', '{}', '{"run":"run","number":99}']) {
      canary.received(text, 9);
    }
    expect(canary.status(9)).toEqual({ lagMs: 1, holes: 0 });
  });
});
