import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';

const windowS = 60;

/** Counts the readings that the bus announces, over the last minute. */
export interface ReadingRate extends Disposable {
  /** Readings committed in the last 60 s, as far as the bus told. */
  perMinute(): number;
}

export function startReadingRate(deps: { bus: Bus; clock: Clock }): ReadingRate {
  /** One count for each of the last 60 seconds, and which second it is of. */
  const slots = Array.from({ length: windowS }, () => ({ second: -1, count: 0 }));
  const nowS = () => Math.floor(deps.clock.monotonicMs() / 1_000);
  const unsubscribe = deps.bus.subscribe('readings', ({ pointIds }) => {
    const second = nowS();
    const slot = slots[second % windowS];
    if (slot === undefined) return;
    slot.count = slot.second === second ? slot.count + pointIds.length : pointIds.length;
    slot.second = second;
  });
  return {
    perMinute() {
      const oldest = nowS() - windowS;
      return slots.reduce((sum, slot) => (slot.second > oldest ? sum + slot.count : sum), 0);
    },
    [Symbol.dispose]: unsubscribe,
  };
}
