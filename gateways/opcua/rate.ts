import type { Clock } from '#infra/clock.ts';

/** How many a second over the last ten. */
export interface Rate {
  add(count: number): void;
  perSecond(): number;
}

const seconds = 10;
const secondMs = 1_000;

export function createRate(clock: Clock): Rate {
  const startedMs = clock.monotonicMs();
  const slots = Array.from({ length: seconds + 1 }, () => ({ second: -1, count: 0 }));
  const now = () => Math.floor((clock.monotonicMs() - startedMs) / secondMs);
  return {
    add(count) {
      const second = now();
      const slot = slots[second % slots.length];
      if (slot === undefined) return;
      if (slot.second !== second) Object.assign(slot, { second, count: 0 });
      slot.count += count;
    },
    perSecond() {
      // The running second is left out: it is not over.
      const until = now();
      const whole = slots.filter(({ second }) => second >= until - seconds && second < until);
      return whole.reduce((sum, { count }) => sum + count, 0) / Math.max(1, Math.min(seconds, until));
    },
  };
}
