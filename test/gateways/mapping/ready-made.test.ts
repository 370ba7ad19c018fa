import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { applyMappings } from '#gateways/mapping/apply.ts';
import { parseMappings } from '#gateways/mapping/config.ts';
import { readReadyMade } from '#gateways/mapping/ready-made.ts';
import { computedMs } from '#test/kit/cpu.ts';
import { mappedLines } from '#test/kit/mapped-lines.ts';
import { mutated, numbersFrom } from '#test/kit/mutate.ts';

interface Fixture {
  readonly receivedAt: string;
  readonly examples: readonly {
    readonly topic: string;
    readonly payload: string;
    readonly clientId?: string;
    readonly expected: readonly string[];
  }[];
}

function fail(): never {
  throw new Error('the fixture has no examples');
}

describe.each(readReadyMade())('the ready-made mapping $name', ({ name, text }) => {
  const file = new URL(`../../fixtures/mappings/${name}.json`, import.meta.url);
  const { receivedAt, examples } = JSON.parse(readFileSync(file, 'utf8')) as Fixture;

  test.each(examples)('makes of $topic what it means', ({ topic, payload, clientId, expected }) => {
    const read = parseMappings(text);
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    const message = { topic, bytes: Buffer.from(payload), receivedAtMs: Date.parse(receivedAt), clientId };
    expect(mappedLines(applyMappings(read.value, message))).toEqual(expected);
  });

  test('answers 12,000 damaged messages, none with an exception or after a long time', () => {
    const read = parseMappings(text);
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    const next = numbersFrom(name.length);
    const receivedAtMs = Date.parse(receivedAt);
    let slowestMs = 0;
    for (let run = 0; run < 12_000; run++) {
      const { topic, payload, clientId } = examples[run % examples.length] ?? examples[0] ?? fail();
      const bytes = mutated(Buffer.from(payload), next);
      const begun = computedMs();
      const mapped = applyMappings(read.value, { topic, bytes, receivedAtMs, clientId });
      slowestMs = Math.max(slowestMs, computedMs() - begun);
      if (mapped.length === 0) throw new Error(`nothing was made of ${bytes.toString('hex')}`);
    }
    expect(slowestMs).toBeLessThan(1_000);
  });
});

test('readReadyMade() has every mapping that the documents name', () => {
  expect(readReadyMade().map(({ name }) => name)).toEqual([
    'access-controller',
    'dlt645-box',
    'elevator-platform',
    'home-assistant',
    'recorder-platform',
    'shelly-gen2',
    'tasmota',
    'thingsboard',
    'zigbee2mqtt',
  ]);
});
