import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { faultLines, readConfigFile, readSection } from '#infra/config-file.ts';
import { ConfigError } from '#infra/config.ts';

const schema = z.array(z.strictObject({ id: z.string(), size: z.number().optional() })).default([]);

function faultsOf(text: string): string {
  const read = readSection(text, 'mappings', schema);
  return read.ok ? 'none' : faultLines(read.faults, 'park.yaml');
}

describe('readSection()', () => {
  test('reads its own section and does not look into others', () => {
    const read = readSection('opcua: [1, 2]\nmappings:\n  - id: a\n', 'mappings', schema);
    expect(read).toEqual({ ok: true, value: [{ id: 'a' }] });
    expect(readSection('# nothing\n', 'mappings', schema)).toEqual({ ok: true, value: [] });
  });

  test('tells every fault, in the order of the text', () => {
    expect(faultsOf('mappings:\n  - id: a\n    size: big\n  - sise: 3\nmodbus: []\n')).toBe(
      [
        'park.yaml:3 mappings[0].size: Invalid input: expected number, received string',
        'park.yaml:4 mappings[1].id: is needed',
        'park.yaml:4 mappings[1].sise: "sise" is not a field here',
        'park.yaml:5 modbus: "modbus" is not a field here',
      ].join('\n'),
    );
  });

  test.each([
    ['mappings: {', /^park\.yaml:1 is not YAML/],
    ['- 1\n', /^park\.yaml:1 is a map of opcua, cctv, mappings/],
    ['mappings: 3', /^park\.yaml:1 mappings: Invalid input/],
    ['a: 1\na: 2', /^park\.yaml:2 is not YAML: the key "a" stands here twice/],
    [`mappings: ${'['.repeat(50)}`, /nested too deeply/],
  ])('is one fault for %s', (text, expected) => {
    expect(faultsOf(text)).toMatch(expected);
  });

  test('names ten faults and counts the rest', () => {
    const lines = faultsOf(`mappings:\n${'  - { id: 1 }\n'.repeat(14)}`).split('\n');
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe('and 4 more');
  });
});

test('readConfigFile() is one sentence for a file that is too large', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parkwatch-config-'));
  const file = join(folder, 'park.yaml');
  writeFileSync(file, '#'.repeat(9 * 1024 * 1024));
  expect(() => readConfigFile(file)).toThrow(
    new ConfigError(`PARK_CONFIG_FILE names ${file}, which is too large.`),
  );
  rmSync(folder, { recursive: true });
});
