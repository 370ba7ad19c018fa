import { expect, test } from 'vitest';
import { createBus } from '#infra/bus.ts';
import { startReadingRate } from '#services/registry/reading-rate.ts';
import { fakeClock } from '#test/kit/clock.ts';

test('startReadingRate() counts what was announced in the last 60 seconds and forgets the rest', async () => {
  const clock = fakeClock();
  const bus = createBus((error) => {
    throw error;
  });
  using rate = startReadingRate({ bus, clock });
  const publish = (count: number) => {
    const ones = Array<number>(count).fill(1);
    bus.publish('readings', { pointIds: ones, timesMs: ones, values: ones, qualities: ones });
  };
  publish(3);
  await clock.advance(30_000);
  publish(4);
  publish(5);
  expect(rate.perMinute()).toBe(12);
  await clock.advance(30_000);
  expect(rate.perMinute()).toBe(9);
  publish(1);
  expect(rate.perMinute()).toBe(10);
  await clock.advance(600_000);
  expect(rate.perMinute()).toBe(0);
});
