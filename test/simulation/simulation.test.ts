import { describe, expect, it } from 'vitest';
import { patienceMs } from '#test/kit/events.ts';
import { simulateIngest } from './ingest-world.ts';
import { findPlanted, plantedBugs, runSeed } from './worlds.ts';

/** `npm run simulate:faults -- --seeds 100000` goes on where this ends. */
const seeds = 1_000;
const timeoutMs = 10 * patienceMs;

describe('the path from packet to commit and back, in worlds where everything around it fails', () => {
  it(`keeps its promises in ${seeds} of them`, { timeout: timeoutMs }, async () => {
    const broken = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const finding = await runSeed(seed);
      if (finding !== null) broken.push(finding);
    }
    expect(broken, 'replay one: npm run simulate:faults -- --from SEED --seeds 1').toEqual([]);
  });

  it('goes the same way again with the same seed', async () => {
    for (const seed of [3, 14, 159]) {
      const [one, other] = [await simulateIngest(seed, null), await simulateIngest(seed, null)];
      expect([other.steps, other.trace]).toEqual([one.steps, one.trace]);
      expect(one.steps).toBeGreaterThan(100);
    }
  });

  it.each(plantedBugs)(`would find: $name`, { timeout: timeoutMs }, async (bug) => {
    expect(await findPlanted(bug, seeds)).toMatchObject({ world: bug.world });
  });
});
