import { describe, expect, test } from 'vitest';
import { coalesce } from '#infra/coalesce.ts';

/** A task that ends when it is told, and counts how many of it run at once. */
function openTask() {
  const ends: (() => void)[] = [];
  let atOnce = 0;
  let most = 0;
  const run = coalesce(async () => {
    atOnce++;
    most = Math.max(most, atOnce);
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.push(resolve);
    await promise;
    atOnce--;
  });
  return {
    run,
    /** Ends the run that began as the number tells, from 0. */
    end: (index: number) => ends[index]?.(),
    begun: () => ends.length,
    most: () => most,
  };
}

describe('coalesce()', () => {
  test('calls that meet share one run, which begins after them', async () => {
    const { run, end, begun } = openTask();
    const first = run();
    const [second, third] = [run(), run()];
    expect(second).toBe(third);
    expect(begun()).toBe(1);
    end(0);
    await first;
    await expect.poll(begun).toBe(2);
    end(1);
    await second;
    await run.settled();
    expect(begun()).toBe(2);
  });

  test('never runs twice at once, though who waited for the first asks again at its end', async () => {
    const { run, end, begun, most } = openTask();
    const first = run();
    const waiting = run();
    const asked = first.then(() => run());
    end(0);
    await expect.poll(begun).toBe(2);
    end(1);
    await Promise.all([waiting, asked]);
    expect(begun()).toBe(2);
    expect(most()).toBe(1);
  });
});
