import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyMappings, takesTopic } from '#gateways/mapping/apply.ts';
import type { MappingSet } from '#gateways/mapping/compile.ts';
import { parseMappings } from '#gateways/mapping/config.ts';
import { readReadyMade } from '#gateways/mapping/ready-made.ts';
import { mappedLines } from '#test/kit/mapped-lines.ts';

const receivedAtMs = Date.parse('2026-03-01T00:15:00Z');
const ts = Date.parse('2026-03-01T00:14:00Z');

function setOf(text: string): MappingSet {
  const read = parseMappings(text);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.value;
}

function apply(text: string, payload: unknown, topic = 'm/1'): string[] {
  const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return mappedLines(applyMappings(setOf(text), { topic, bytes, receivedAtMs }));
}

const meter = `mappings:
  - id: m
    topic: m/{id}
    device: em-{id}
    time: { path: ts }
    quality: { path: q, map: { ok: good, stale: uncertain, err: bad }, otherwise: bad }
    values:
      - { metric: active_power, path: p, unit: W }
      - { metric: voltage_l1, path: u, scale: 0.1, absent: skip }
      - { metric: temperature, path: t, unit: degF, absent: skip }
      - { metric: door, path: door, states: { "0": closed, "1": open }, absent: skip }
`;

describe('applyMappings()', () => {
  test('converts, scales and names states', () => {
    expect(apply(meter, { ts, q: 'ok', p: '1500', u: 2303, t: 212, door: 1 })).toEqual([
      'em-1 active_power = 1.5 good at 2026-03-01T00:14:00.000Z',
      'em-1 voltage_l1 = 230.3 good at 2026-03-01T00:14:00.000Z',
      'em-1 temperature = 100 good at 2026-03-01T00:14:00.000Z',
      'em-1 door = open good at 2026-03-01T00:14:00.000Z',
    ]);
  });

  test.each([
    [{ ts, q: 'ok' }, 'em-1 active_power rejected not-a-number: the payload has nothing at p'],
    [{ ts, q: 'ok', p: null }, 'em-1 active_power rejected not-a-number: p is null'],
    [
      { ts, q: 'ok', p: '12a' },
      'em-1 active_power rejected not-a-number: value is "12a", a number was expected',
    ],
    [{ ts, q: 'ok', p: [1] }, 'em-1 active_power rejected not-a-number: value is […], a number was expected'],
    [{ q: 'ok', p: 1 }, 'em-1 active_power rejected bad-time: the payload has no time at ts'],
    [{ ts: 'x', p: 1 }, 'em-1 active_power rejected bad-time: time is "x", the form epoch-ms was expected'],
    [
      { ts: 5, p: 1 },
      'em-1 active_power rejected before-2000: time is 1970-01-01T00:00:00.005Z: was the clock ever set?',
    ],
    [{ ts, p: 0 }, 'em-1 active_power = 0 bad at 2026-03-01T00:14:00.000Z'],
    [{ ts, q: 'stale', p: 0 }, 'em-1 active_power = 0 uncertain at 2026-03-01T00:14:00.000Z'],
  ])('judges each value alone: %j', (payload, expected) => {
    expect(apply(meter, payload)).toEqual([expected]);
  });

  test('tells an unknown state with those that are known', () => {
    expect(apply(meter, { ts, q: 'ok', p: 0, door: 9 })[1]).toBe(
      `em-1 door rejected unknown-state: 9 is not in the mapping's states: 0, 1`,
    );
  });

  test.each([
    ['{', /refused not-json: packet is not JSON; it begins with "\{"/],
    ['', /refused empty: packet has no bytes/],
    ['x'.repeat(300_000), /refused too-large/],
  ])('refuses a message of no form', (payload, expected) => {
    expect(apply(meter, payload)[0]).toMatch(expected);
  });

  test('refuses bytes that are no text, and a topic that nobody takes', () => {
    const set = setOf(meter);
    const bytes = Uint8Array.of(0xff, 0xfe);
    expect(applyMappings(set, { topic: 'm/1', bytes, receivedAtMs })).toMatchObject([
      { content: { reason: 'not-utf8' } },
    ]);
    expect(applyMappings(set, { topic: 'n/1', bytes, receivedAtMs })).toMatchObject([
      { mappingId: null, content: { reason: 'bad-topic' } },
    ]);
    expect(takesTopic(set, 'm/1')).toBe(true);
    expect(takesTopic(set, 'm/1/2')).toBe(false);
  });

  const list = `mappings:
  - id: list
    topic: m/+
    each: points[*]
    device: "{@dev}"
    deviceIds: { 1号: lift-1 }
    time: { path: $.ts }
    values:
      - { metric: active_power, path: v, unit: kW, when: { path: name, is: P } }
      - { metric: voltage_l1, path: v, when: { path: name, is: Ua } }
`;
  const point = (dev: string, name: string, v: number) => ({ dev, name, v });

  test('gathers the items of one device, and tells of those without one', () => {
    const points = [
      point('a', 'P', 1),
      point('1号', 'P', 2),
      point('a', 'Ua', 230),
      point('2号', 'P', 3),
      { v: 1 },
    ];
    expect(apply(list, { ts, points })).toEqual([
      'a active_power = 1 good at 2026-03-01T00:14:00.000Z',
      'a voltage_l1 = 230 good at 2026-03-01T00:14:00.000Z',
      'lift-1 active_power = 2 good at 2026-03-01T00:14:00.000Z',
      '? refused wrong-shape: the device is called "2号", which cannot be an id; give it one in deviceIds (more items without a device: 1)',
    ]);
  });

  test('refuses a message that speaks of too much', () => {
    const points = (most: number) => Array.from({ length: most }, (_, i) => point(`d${i}`, 'P', 1));
    expect(apply(list, { ts, points: points(1_001) })).toEqual([
      '? refused too-large: message speaks of more than 1000 devices',
    ]);
    expect(apply(list, { ts, points: points(5_001) })[0]).toMatch(/more than 5000 items at points\[\*\]/);
    expect(apply(list, { ts, points: [] })).toEqual([
      '? refused empty: nothing in the message is what the mapping looks for (list)',
    ]);
  });

  test('reads plain payloads', () => {
    const plain = `mappings:
  - { id: p, topic: "m/{id}", payload: plain, device: "{id}", values: [{ metric: active_power, unit: W }] }
  - { id: s, topic: "s/{id}", payload: plain, device: "{id}", values: [{ metric: door }] }`;
    expect(apply(plain, ' 1500 \n')).toEqual(['1 active_power = 1.5 uncertain untimed']);
    expect(apply(plain, 'open', 's/1')).toEqual(['1 door = open uncertain untimed']);
    expect(apply(plain, 'NaN')[0]).toMatch(/rejected not-a-number/);
  });

  test('masks what is not to be kept, and refuses the id of an event that is none', () => {
    const events = `mappings:
  - id: e
    topic: m/{id}
    device: "{id}"
    events: [{ type: access.granted, id: n, data: { card: { path: card, keepLast: 4 }, who: { path: who, keepLast: 0 } } }]`;
    expect(apply(events, { n: 1, card: '12345678', who: 'Li Lei' })).toEqual([
      '1 access.granted #1 {"card":"****5678","who":"******"} at 2026-03-01T00:15:00.000Z',
    ]);
    expect(apply(events, { n: 1, card: '123' })[0]).toContain('"card":"***"');
    expect(apply(events, { n: 'x'.repeat(200) })[0]).toMatch(/rejected not-a-number: id is/);
  });

  test('never throws, and always answers, whatever the bytes', () => {
    const set = setOf(
      `mappings:${readReadyMade()
        .map(({ text }) => text.split('mappings:\n')[1])
        .join('')
        .replace(/^/, '\n')}`,
    );
    const topics = set.mappings.map(({ topic }) => topic.text.replaceAll(/[{}]/g, ''));
    const key = fc.constantFrom(
      'ts',
      'values',
      'points',
      'data',
      'meters',
      'addr',
      'ENERGY',
      'Time',
      'params',
      'method',
      'msgType',
      '__proto__',
      'constructor',
      'channels',
      'events',
      'doors',
      'time',
      'code',
    );
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(
          'NotifyStatus',
          'alarm',
          'status',
          'TRAP',
          '2026-03-01 08:00:00',
          '\0',
          '\ud800',
          1e308,
          -0,
          null,
          true,
        ),
        fc.jsonValue({ maxDepth: 1 }),
        fc.dictionary(key, tie('json'), { noNullPrototype: true }),
        fc.array(tie('json'), { maxLength: 4 }),
      ),
    }));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      json.map((value) => Buffer.from(JSON.stringify(value) ?? 'null')),
      json.map((value) => Buffer.from((JSON.stringify(value) ?? 'null').slice(1))),
    );
    fc.assert(
      fc.property(fc.constantFrom(...topics), bytes, (topic, given) => {
        const mapped = applyMappings(set, { topic, bytes: given, receivedAtMs, clientId: 'c' });
        expect(mapped.length).toBeGreaterThan(0);
        for (const { content } of mapped) {
          if (content.kind !== 'telemetry') continue;
          expect(
            content.samples.every(({ value }) => typeof value === 'string' || Number.isFinite(value)),
          ).toBe(true);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
