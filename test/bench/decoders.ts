import { fuzzedDecoders } from '../fuzz/decoders.ts';

/**
 * `npm run bench:decoders [-- SECONDS]`: how many whole messages a second each decoder reads on one core, and how many MB,
 * after a warm-up of a fifth of the time. No network, no store: what reading alone costs.
 */
const [seconds = 2] = process.argv.slice(2).map(Number);
const batch = 200;

for (const { name, corpus, decode } of fuzzedDecoders()) {
  let at = 0;
  const readFor = (durationMs: number) => {
    const begun = performance.now();
    let [messages, bytes] = [0, 0];
    while (performance.now() - begun < durationMs) {
      for (let n = 0; n < batch; n++) {
        const message = corpus[at++ % corpus.length] ?? Buffer.alloc(0);
        decode(message);
        bytes += message.length;
      }
      messages += batch;
    }
    const tookS = (performance.now() - begun) / 1_000;
    return {
      perS: Math.round(messages / tookS),
      mbPerS: bytes / tookS / 1e6,
      each: Math.round(bytes / messages),
    };
  };
  readFor(seconds * 200);
  const { perS, mbPerS, each } = readFor(seconds * 1_000);
  process.stdout.write(
    `${name.padEnd(30)} ${String(perS).padStart(9)} messages/s  ${mbPerS.toFixed(1).padStart(7)} MB/s  ${String(each).padStart(6)} bytes each\n`,
  );
}
