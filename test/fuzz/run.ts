import { fuzz, fuzzedDecoders } from './decoders.ts';

/** `npm run fuzz [-- INPUTS [SEED]]`: all decoders together read so many damaged messages (a million); prints each one's rate. */
const [inputs = 1_000_000, seed = Math.floor(Math.random() * 0x7fffffff)] = process.argv.slice(2).map(Number);
const decoders = fuzzedDecoders();
process.stdout.write(`seed ${seed}\n`);
for (const decoder of decoders) {
  const { name, slowestMs, perS } = fuzz(decoder, Math.ceil(inputs / decoders.length), seed);
  process.stdout.write(
    `${name.padEnd(30)} ${String(perS).padStart(9)} inputs/s, slowest ${slowestMs.toFixed(1)} ms\n`,
  );
}
