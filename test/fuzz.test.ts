import { expect, test } from 'vitest';
import { fuzz, fuzzedDecoders } from './fuzz/decoders.ts';

const decoders = fuzzedDecoders();
/** All of them together. */
const inputs = 100_000;
/** No answer to 8 KiB may take so long: what grows faster than its input shows here. */
const hangMs = 1_000;

test.each(decoders)('the decoder $name answers every damaged message', (decoder) => {
  for (const bytes of decoder.corpus) expect(decoder.decode(bytes)).toBeDefined();
  expect(fuzz(decoder, Math.ceil(inputs / decoders.length), 20_260).slowestMs).toBeLessThan(hangMs);
});
