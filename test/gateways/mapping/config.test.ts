import { describe, expect, test } from 'vitest';
import { parseMappings, requireMappings } from '#gateways/mapping/config.ts';
import { readReadyMade } from '#gateways/mapping/ready-made.ts';
import { ConfigError } from '#infra/config.ts';
import { readText } from '#test/kit/tree.ts';

const page = readText('docs/gateways/mapping.md');

describe('parseMappings()', () => {
  const examples = [...page.matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, text]) => ({ text: text ?? '' }));

  test('docs/gateways/mapping.md has examples', () => {
    expect(examples.length).toBeGreaterThan(1);
  });

  test.each(examples)('takes every example of docs/gateways/mapping.md', ({ text }) => {
    expect(parseMappings(text)).toMatchObject({ ok: true });
  });

  test('docs/gateways/mapping.md lists every ready-made mapping', () => {
    const listed = [...page.matchAll(/^\| `([a-z0-9-]+)\.yaml` \|/gm)].map((match) => match[1]);
    expect(listed.toSorted()).toEqual(readReadyMade().map(({ name }) => name));
  });

  test('is no mapping for a file without any, and leaves other sections alone', () => {
    expect(parseMappings('opcua: nonsense')).toMatchObject({
      ok: true,
      value: { mappings: [], filters: [] },
    });
    expect(parseMappings('')).toMatchObject({ ok: true, value: { mappings: [] } });
  });
});

test('requireMappings() throws one line for each fault, with file and line', () => {
  const text = 'mappings:\n  - id: a\n    topic: "#"\n    device: "{x"\n    values: []\n';
  expect(() => requireMappings(text, 'park.yaml')).toThrow(
    new ConfigError(
      'park.yaml:3 mappings[0].topic: would take every topic there is\n' +
        'park.yaml:4 mappings[0].device: has a brace that is not closed, or closed twice',
    ),
  );
});
