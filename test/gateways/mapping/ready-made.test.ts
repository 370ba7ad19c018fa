import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { applyMappings } from '#gateways/mapping/apply.ts';
import { parseMappings } from '#gateways/mapping/config.ts';
import { readReadyMade } from '#gateways/mapping/ready-made.ts';
import { mappedLines } from '#test/kit/mapped-lines.ts';

interface Fixture {
  readonly receivedAt: string;
  readonly examples: readonly {
    readonly topic: string;
    readonly payload: string;
    readonly clientId?: string;
    readonly expected: readonly string[];
  }[];
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
