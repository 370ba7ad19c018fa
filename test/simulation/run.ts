import { parseArgs } from 'node:util';
import { findPlanted, plantedBugs, runSeed } from './worlds.ts';

const help = `Usage: npm run simulate:faults -- [--seeds 1000] [--from 1] [--planted]

Runs our own code from the packet to the commit and back in simulated worlds where everything else fails.
  --seeds N    how many worlds
  --from N     the first seed; with --seeds 1 it replays one world exactly
  --planted    puts in each known bug in turn and says which seed finds it
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    planted: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
const seeds = Number(values.seeds);
if (values.help === true) process.stdout.write(help);
else process.exitCode = (await (values.planted ? runPlanted() : runSeeds(Number(values.from)))) ? 0 : 1;

async function runSeeds(from: number): Promise<boolean> {
  let broken = 0;
  const shownEvery = 1_000;
  for (let seed = from; seed < from + seeds; seed++) {
    const finding = await runSeed(seed);
    if (finding !== null) {
      broken++;
      process.stdout.write(
        `seed ${seed} (${finding.world}): ${finding.message}\n  replay: npm run simulate:faults -- --from ${seed} --seeds 1\n`,
      );
    }
    const done = seed - from + 1;
    if (done % shownEvery === 0) process.stdout.write(`${done} seeds, ${broken} broken\n`);
  }
  process.stdout.write(`${seeds} seeds from ${from}: ${broken} broken\n`);
  return broken === 0;
}

async function runPlanted(): Promise<boolean> {
  let missed = 0;
  for (const bug of plantedBugs) {
    const finding = await findPlanted(bug, seeds);
    if (finding === null) missed++;
    const told =
      finding === null ? `NOT FOUND in ${seeds} seeds` : `seed ${finding.seed}, ${finding.message}`;
    process.stdout.write(`${bug.name}: ${told}\n`);
  }
  return missed === 0;
}
