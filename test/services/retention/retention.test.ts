import { expect, test } from 'vitest';
import { clockTrust } from '#services/retention/retention.ts';
import { fakeClock } from '#test/kit/clock.ts';

const hourMs = 3_600_000;

test('clockTrust() is gone for a day when the clock was set by more than an hour, in either direction', async () => {
  for (const jumpMs of [30 * 24 * hourMs, -2 * hourMs]) {
    const clock = fakeClock();
    let set = 0;
    const isTrusted = clockTrust({ ...clock, nowMs: () => clock.nowMs() + set });
    await clock.advance(48 * hourMs);
    expect(isTrusted()).toBe(true);
    // The time service turns it a little.
    set = 60_000;
    expect(isTrusted()).toBe(true);
    set = jumpMs;
    expect(isTrusted()).toBe(false);
    await clock.advance(23 * hourMs);
    expect(isTrusted()).toBe(false);
    await clock.advance(hourMs);
    expect(isTrusted()).toBe(true);
  }
});
