import { simulateAlarms } from './alarm-world.ts';
import { simulateIngest } from './ingest-world.ts';
import { plantedBugs, type PlantedBug } from './planted.ts';
import { Violation } from './sim.ts';

const worlds = { ingest: simulateIngest, alarms: simulateAlarms } as const;

/** What a seed has shown. */
export interface Finding {
  readonly seed: number;
  readonly world: keyof typeof worlds;
  readonly message: string;
}

/** Runs every world of a seed; null when all that was promised was kept. */
export async function runSeed(seed: number): Promise<Finding | null> {
  for (const world of Object.keys(worlds) as (keyof typeof worlds)[]) {
    const finding = await runWorld(world, seed, null);
    if (finding !== null) return finding;
  }
  return null;
}

/** The first seed, from 1 to `most`, that shows a planted bug; null when none does. */
export async function findPlanted(bug: PlantedBug, most: number): Promise<Finding | null> {
  for (let seed = 1; seed <= most; seed++) {
    const finding = await runWorld(bug.world, seed, bug);
    if (finding !== null) return finding;
  }
  return null;
}

async function runWorld(
  world: keyof typeof worlds,
  seed: number,
  bug: PlantedBug | null,
): Promise<Finding | null> {
  try {
    await worlds[world](seed, bug?.plant() ?? null);
    return null;
  } catch (error) {
    if (error instanceof Violation) return { seed, world, message: error.message };
    throw new Error(`seed ${seed} of ${world} broke the simulation itself`, { cause: error });
  }
}

export { plantedBugs };
