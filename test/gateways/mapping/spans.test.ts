import { expect, test } from 'vitest';
import { ageSeconds, coveredSeconds, instantText, spanReader } from '#gateways/mapping/spans.ts';
import { parseMappings } from '#gateways/mapping/config.ts';
import { spanListSchema } from '#schemas/mapping.ts';

const nowMs = Date.parse('2026-03-01T00:10:00Z');
const shanghai = { format: 'YYYY-MM-DD HH:mm:ss', zone: 'Asia/Shanghai' };

function read(list: object, root: unknown) {
  const given = { each: 'records[*]', from: 'a', to: 'b', ...list };
  return spanReader(spanListSchema.parse(given))({ root, item: root }, nowMs);
}

test('spanReader() reads local and epoch times; what has no end, or one ahead, lasts until now', () => {
  const fromMs = nowMs - 600_000;
  const records = [{ a: '2026-03-01 08:00:00', b: '2026-03-01 08:05:00' }, { a: '2026-03-01 08:00:00' }];
  expect(read(shanghai, { records })).toEqual({
    kind: 'spans',
    spans: [
      { fromMs, toMs: fromMs + 300_000 },
      { fromMs, toMs: nowMs },
    ],
  });
  for (const [format, scale] of [
    ['epoch-s', 1000],
    ['epoch-ms', 1],
  ] as const) {
    const ahead = { records: [{ a: String(fromMs / scale), b: (nowMs + 3_600_000) / scale }] };
    expect(read({ format }, ahead)).toEqual({ kind: 'spans', spans: [{ fromMs, toMs: nowMs }] });
  }
});

test('spanReader() tells no list from an empty one, and names what it cannot read', () => {
  expect(read(shanghai, {})).toEqual({ kind: 'absent' });
  expect(read(shanghai, { records: null })).toEqual({ kind: 'absent' });
  expect(read(shanghai, { records: [] })).toEqual({ kind: 'spans', spans: [] });
  expect(read(shanghai, { records: [{ a: 'soon', b: '' }] })).toMatchObject({
    kind: 'fault',
    detail: { code: 'span-form', params: { path: 'a', given: '"soon"', format: 'YYYY-MM-DD HH:mm:ss' } },
  });
  expect(read({ format: 'epoch-s' }, { records: [{ a: 5 }] })).toMatchObject({ kind: 'fault' });
});

test('coveredSeconds() counts what overlaps once; ageSeconds() begins at the oldest', () => {
  const spans = [
    { fromMs: 60_000, toMs: 120_000 },
    { fromMs: 0, toMs: 90_000 },
    { fromMs: 10_000, toMs: 20_000 },
    { fromMs: 200_000, toMs: 210_000 },
  ];
  expect(coveredSeconds(spans)).toBe(130);
  expect(coveredSeconds([])).toBe(0);
  expect(ageSeconds(spans, 300_000)).toBe(300);
  expect(ageSeconds([], 300_000)).toBeNull();
});

test('instantText() writes what spanReader() reads', () => {
  for (const list of [shanghai, { format: 'epoch-s' }, { format: 'epoch-ms' }, { format: 'rfc3339' }]) {
    const a = instantText(spanListSchema.parse({ each: 'x[*]', from: 'a', to: 'b', ...list }))(
      nowMs - 60_000,
    );
    expect(read(list, { records: [{ a }] })).toEqual({
      kind: 'spans',
      spans: [{ fromMs: nowMs - 60_000, toMs: nowMs }],
    });
  }
});

test.each([
  ['spans: { each: a.b, from: x, to: y, as: covered }', 'names one list'],
  ['spans: { each: "a[*].b[*]", from: x, to: y, as: covered }', 'names one list'],
  ['spans: { each: "a[*]", from: x, to: y, as: covered, format: "YYYY-MM-DD" }', 'is needed'],
  ['spans: { each: "a[*]", from: x, to: y, as: covered }, unit: min', 'are seconds'],
  ['spans: { each: "a[*]", from: x, to: y, as: covered }, path: z', 'are seconds'],
])('a mapping with %s is refused with its line', (value, message) => {
  const parsed = parseMappings(
    `mappings:\n  - id: m\n    topic: t\n    device: d\n    class: camera\n    values:\n      - { metric: recorded_seconds_today, ${value} }\n`,
  );
  expect(parsed.ok ? [] : parsed.faults).toMatchObject([
    { line: 7, message: expect.stringContaining(message) as unknown },
  ]);
});
