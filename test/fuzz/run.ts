import fc from 'fast-check';
import { fuzz, fuzzedDecoders } from './decoders.ts';
import { madeFor } from './generators.ts';

/**
 * `npm run fuzz [-- INPUTS [SEED]]`: all decoders together read so many damaged messages (a million), and a tenth as many
 * that are made; prints each one's rate.
 */
const [inputs = 1_000_000, seed = Math.floor(Math.random() * 0x7fffffff)] = process.argv.slice(2).map(Number);
const decoders = fuzzedDecoders();
process.stdout.write(`seed ${seed}\n`);
let slowest = 0;
for (const decoder of decoders) {
  const { name, slowestMs, perS } = fuzz(decoder, Math.ceil(inputs / decoders.length), seed);
  const numRuns = Math.ceil(inputs / 10 / decoders.length);
  fc.assert(
    fc.property(madeFor(decoder), (bytes) => decoder.decode(bytes) !== undefined),
    { numRuns, seed },
  );
  slowest = Math.max(slowest, slowestMs);
  process.stdout.write(
    `${name.padEnd(30)} ${String(perS).padStart(9)} inputs/s, slowest ${slowestMs.toFixed(1)} ms, ${numRuns} made\n`,
  );
}
process.stdout.write(
  `${inputs} damaged and ${Math.ceil(inputs / 10)} made messages, nothing thrown, slowest ${slowest.toFixed(1)} ms\n`,
);
