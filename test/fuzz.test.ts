import fc from 'fast-check';
import { expect, test } from 'vitest';
import { metricPattern } from '#schemas/ids.ts';
import type { PacketContent } from '#schemas/reading.ts';
import { fuzz, fuzzedDecoders } from './fuzz/decoders.ts';
import { madeFor } from './fuzz/generators.ts';

const decoders = fuzzedDecoders();
/** All of them together. */
const inputs = 100_000;
const made = 10_000;
/** No answer to 8 KiB may take so long: what grows faster than its input shows here. */
const hangMs = 1_000;

test.each(decoders)('the decoder $name answers every damaged message', (decoder) => {
  for (const bytes of decoder.corpus) expect(decoder.decode(bytes)).toBeDefined();
  expect(fuzz(decoder, Math.ceil(inputs / decoders.length), 20_260).slowestMs).toBeLessThan(hangMs);
});

test.each(decoders)(
  'the decoder $name lets nothing through that is no reading, whatever is made up',
  (decoder) => {
    fc.assert(
      fc.property(madeFor(decoder), (bytes) => {
        for (const content of contentsOf(decoder.decode(bytes))) check(content);
      }),
      { numRuns: Math.ceil(made / decoders.length) },
    );
  },
);

/** What a decoder of packets made; the others answer with something else. */
function contentsOf(decoded: unknown): PacketContent[] {
  const all = Array.isArray(decoded) ? decoded : [decoded];
  return all.flatMap((one: unknown) => {
    const { content = one } = (one ?? {}) as { content?: unknown };
    return typeof content === 'object' && content !== null && 'kind' in content
      ? [content as PacketContent]
      : [];
  });
}

function check(content: PacketContent): void {
  if (content.kind === 'telemetry') {
    for (const { metric, value, timeMs } of content.samples) {
      expect(metric).toMatch(metricPattern);
      expect(typeof value === 'string' || Number.isFinite(value)).toBe(true);
      expect(Number.isFinite(timeMs)).toBe(true);
    }
  }
  if (content.kind === 'event') {
    for (const { type, timeMs, data } of content.events) {
      expect(type).toMatch(/^\S+$/);
      expect(Number.isFinite(timeMs)).toBe(true);
      // Nobody else's objects have been changed by a name.
      expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    }
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}
