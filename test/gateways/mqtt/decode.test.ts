import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '#gateways/mqtt/decode.ts';
import { packetReasons, valueReasons, type PacketContent } from '#schemas/reading.ts';
import type { TopicKind } from '#schemas/topics.ts';

const receivedAtMs = Date.parse('2026-05-01T12:00:00Z');
const ts = receivedAtMs - 1000;

function decodeBytes(kind: TopicKind, bytes: Uint8Array): PacketContent {
  return decode({ topic: `park/v1/demo/em-1/${kind}`, bytes, receivedAtMs, parkId: 'demo' }).content;
}

function decodeText(kind: TopicKind, text: string): PacketContent {
  return decodeBytes(kind, Buffer.from(text));
}

function telemetry(body: unknown) {
  const content = decodeText('telemetry', typeof body === 'string' ? body : JSON.stringify(body));
  if (content.kind !== 'telemetry') throw new Error(`refused: ${JSON.stringify(content)}`);
  return content;
}

function values(given: Record<string, unknown>) {
  return telemetry({ ts, values: given });
}

function many(n: number) {
  return Object.fromEntries(Array.from({ length: n }, (_, i) => [`m${i}`, i % 2 ? i : null]));
}

describe('decode() of a topic', () => {
  it.each([
    'park/v1/demo/em-1',
    'park/v1/demo/em-1/telemetry/x',
    'park/v1/demo//telemetry',
    'park/v1/demo/_em/telemetry',
    'park/v1/demo/em 1/telemetry',
    `park/v1/demo/${'e'.repeat(65)}/telemetry`,
    'park/v1/demo/em-1/readings',
    'park/v2/demo/em-1/telemetry',
    'park/v1/other/em-1/telemetry',
    '',
  ])('answers bad-topic when it is %j', (topic) => {
    const bytes = Buffer.from('{"values":{"a":1}}');
    const decoded = decode({ topic, bytes, receivedAtMs, parkId: 'demo' });
    expect(decoded).toMatchObject({ deviceId: null, content: { kind: 'refused', reason: 'bad-topic' } });
  });

  it('names the device when the topic is of this park', () => {
    const bytes = Buffer.from('nonsense');
    const decoded = decode({ topic: 'park/v1/demo/-em_1/telemetry', bytes, receivedAtMs, parkId: 'demo' });
    expect(decoded).toMatchObject({ deviceId: '-em_1', content: { reason: 'not-json' } });
  });
});

describe('decode() of a telemetry packet', () => {
  it.each([
    ['not-json', '{"ts":1'],
    ['not-json', 'NaN'],
    ['not-json', '{"values":{"a":NaN}}'],
    ['wrong-shape', '1'],
    ['wrong-shape', 'null'],
    ['wrong-shape', '"online"'],
    ['wrong-shape', '{}'],
    ['wrong-shape', '{"ts":1}'],
    ['wrong-shape', '{"values":[1]}'],
    ['wrong-shape', '{"values":null}'],
    ['wrong-shape', '[[{"values":{"a":1}}]]'],
    ['wrong-shape', '[{"values":{"a":1}},7]'],
    ['wrong-shape', '{"values":{"a":1},"seq":-1}'],
    ['wrong-shape', '{"values":{"a":1},"seq":1.5}'],
    ['wrong-shape', '{"values":{"a":1},"seq":"1"}'],
    ['wrong-shape', '{"values":{"a":1},"seq":null}'],
    ['empty', ''],
    ['empty', '[]'],
    ['empty', '{"values":{}}'],
    ['empty', '[{"values":{}},{"values":{},"seq":4}]'],
    ['unknown-field', '{"values":{"a":1},"unit":"kW"}'],
    ['unknown-field', '{"values":{"a":1},"__proto__":{"ts":1}}'],
    ['unknown-field', '{"values":{"a":{"v":1,"unit":"kW"}}}'],
  ])('is refused as %s when it is %s', (reason, text) => {
    expect(decodeText('telemetry', text)).toMatchObject({ kind: 'refused', reason });
  });

  it('is refused as not-utf8 when a byte is none', () => {
    const bytes = Buffer.concat([Buffer.from('{"values":{"a":1}}'), Buffer.from([0xc3])]);
    expect(decodeBytes('telemetry', bytes)).toMatchObject({ kind: 'refused', reason: 'not-utf8' });
  });

  it('is refused as too-large from one byte above 256 KiB', () => {
    const text = '{"values":{"a":1}}';
    expect(telemetry(text.padEnd(256 * 1024)).samples).toHaveLength(1);
    expect(decodeText('telemetry', text.padEnd(256 * 1024 + 1))).toMatchObject({ reason: 'too-large' });
    expect(decodeBytes('telemetry', new Uint8Array(1024 * 1024))).toMatchObject({ reason: 'too-large' });
  });

  it('is refused as too-large from 5,001 values, counted over all its messages', () => {
    const first = telemetry([{ values: many(2500) }, { values: many(2500) }]);
    expect(first.samples.length + first.rejected.length).toBe(5000);
    const body = JSON.stringify([{ values: many(2500) }, { values: many(2501) }]);
    expect(decodeText('telemetry', body)).toMatchObject({ reason: 'too-large' });
  });

  it('gives every message its own time and sequence mark when it is an array', () => {
    const content = telemetry([
      { ts, values: { a: 1, b: { v: 2, ts: ts + 5 } }, seq: 7 },
      { ts: '2026-05-01T11:59:58.5Z', values: { a: 3 }, seq: 8 },
    ]);
    expect(content.samples.map(({ metric, timeMs, value }) => [metric, timeMs, value])).toEqual([
      ['a', ts, 1],
      ['b', ts + 5, 2],
      ['a', receivedAtMs - 1500, 3],
    ]);
    expect(content.sequence).toEqual([
      { seq: 7, timeMs: ts + 5 },
      { seq: 8, timeMs: receivedAtMs - 1500 },
    ]);
  });

  it('survives nesting that fills the whole packet', () => {
    const deep = '['.repeat(130_000);
    expect(decodeText('telemetry', deep)).toMatchObject({ reason: 'not-json' });
    expect(decodeText('telemetry', deep + ']'.repeat(130_000))).toMatchObject({ reason: 'wrong-shape' });
  });

  it('says of a message without values that it has none', () => {
    expect(decodeText('telemetry', '{"ts":1}')).toMatchObject({ detail: { code: 'packet-no-values' } });
  });

  it('pollutes no prototype', () => {
    values({ a: 1 });
    telemetry('{"values":{"__proto__":{"v":1},"constructor":2,"a":1}}');
    expect(({} as { v?: unknown }).v).toBeUndefined();
  });
});

describe('decode() of a value', () => {
  it('takes numbers, booleans, state names and qualified values', () => {
    const { samples, rejected } = values({
      a: 12.3,
      b: true,
      c: false,
      d: 'going_up',
      e: { v: 1, q: 'uncertain', rev: 2 },
      f: { v: 'open', q: 'bad' },
      g: -0.5e-300,
    });
    expect(rejected).toEqual([]);
    expect(samples.map((s) => [s.metric, s.value, s.quality, s.rev])).toEqual([
      ['a', 12.3, 'good', 0],
      ['b', 1, 'good', 0],
      ['c', 0, 'good', 0],
      ['d', 'going_up', 'good', 0],
      ['e', 1, 'uncertain', 2],
      ['f', 'open', 'bad', 0],
      ['g', -0.5e-300, 'good', 0],
    ]);
    expect(samples.every((s) => s.timeMs === ts && !s.untimed)).toBe(true);
  });

  it.each([
    'null',
    '"12.3"',
    '"NaN"',
    '"nan"',
    '"Going Up"',
    '""',
    '1e999',
    '-1e999',
    '[1]',
    '{}',
    '{"v":null}',
    '{"v":{"v":1}}',
    '{"v":1,"q":"fine"}',
    '{"v":1,"q":null}',
    '{"v":1,"rev":-1}',
    '{"v":1,"rev":null}',
    '{"v":1,"rev":"2"}',
  ])('answers not-a-number when it is %s, and goes on', (text) => {
    const { samples, rejected } = telemetry(`{"ts":${ts},"values":{"a":${text},"b":2}}`);
    expect(rejected).toMatchObject([{ metric: 'a', reason: 'not-a-number' }]);
    expect(samples).toMatchObject([{ metric: 'b', value: 2 }]);
  });

  it.each(['A', '1a', 'a-b', 'a.b', '', 'ü', '__proto__', 'a'.repeat(65)])(
    'answers not-a-number when its metric is %j, and goes on',
    (metric) => {
      const { samples, rejected } = telemetry(`{"ts":${ts},"values":{${JSON.stringify(metric)}:1,"b":2}}`);
      expect(rejected).toMatchObject([{ reason: 'not-a-number' }]);
      expect(samples).toHaveLength(1);
    },
  );

  it('keeps its own time when that of the message is bad', () => {
    const { samples, rejected } = telemetry({ ts: 'noon', values: { a: 1, b: { v: 2, ts } } });
    expect(samples).toMatchObject([{ metric: 'b', timeMs: ts }]);
    expect(rejected).toMatchObject([{ metric: 'a', reason: 'bad-time' }]);
  });

  it.each([
    [0, 'before-2000'],
    [4_102_444_800_000, 'future-time'],
    ['2026-05-01', 'bad-time'],
    [1e300, 'bad-time'],
    [null, 'bad-time'],
  ])('answers when ts is %j with %s', (time, reason) => {
    expect(values({ a: { v: 1, ts: time } }).rejected).toMatchObject([{ metric: 'a', reason }]);
    expect(telemetry({ ts: time, values: { a: 1 } }).rejected).toMatchObject([{ metric: 'a', reason }]);
  });

  it('is untimed, uncertain and of arrival when no ts is given', () => {
    const { samples } = telemetry({ values: { a: 1, b: { v: 2, q: 'bad' }, c: { v: 3, ts } } });
    expect(samples.map((s) => [s.metric, s.timeMs, s.quality, s.untimed])).toEqual([
      ['a', receivedAtMs, 'uncertain', true],
      ['b', receivedAtMs, 'bad', true],
      ['c', ts, 'good', false],
    ]);
  });

  it('is the last one when its key is repeated', () => {
    expect(telemetry(`{"ts":${ts},"values":{"a":1,"a":2}}`).samples).toMatchObject([{ value: 2 }]);
  });
});

describe('decode() of an event', () => {
  it('takes one or several', () => {
    const content = decodeText(
      'event',
      JSON.stringify([
        { ts, type: 'access.denied', id: '42', data: { door: 'east', why: { code: 3 } } },
        { type: 'trip' },
      ]),
    );
    expect(content).toEqual({
      kind: 'event',
      rejected: [],
      events: [
        {
          timeMs: ts,
          untimed: false,
          type: 'access.denied',
          id: '42',
          data: { door: 'east', why: { code: 3 } },
        },
        { timeMs: receivedAtMs, untimed: true, type: 'trip', id: null, data: {} },
      ],
    });
  });

  it('is refused alone when its time is wrong', () => {
    const content = decodeText('event', `[{"ts":0,"type":"trip"},{"ts":${ts},"type":"trip"}]`);
    expect(content).toMatchObject({
      rejected: [{ metric: 'trip', reason: 'before-2000' }],
      events: [{ timeMs: ts }],
    });
  });

  it.each([
    ['empty', '[]'],
    ['wrong-shape', '{}'],
    ['wrong-shape', '{"type":""}'],
    ['wrong-shape', '{"type":"Access Denied"}'],
    ['wrong-shape', '{"type":7}'],
    ['wrong-shape', '{"type":"trip","id":7}'],
    ['wrong-shape', '{"type":"trip","id":""}'],
    ['wrong-shape', '{"type":"trip","id":null}'],
    ['wrong-shape', '{"type":"trip","id":"a\\u0000b"}'],
    ['wrong-shape', '{"type":"trip","data":[]}'],
    ['wrong-shape', '{"type":"trip","data":{"a":"\\u0000"}}'],
    ['wrong-shape', '{"type":"trip","data":{"\\ud800":1}}'],
    ['wrong-shape', '{"type":"trip","data":{"a":[1e999]}}'],
    ['wrong-shape', `{"type":"trip","data":{"a":${'['.repeat(100)}${']'.repeat(100)}}}`],
    ['unknown-field', '{"type":"trip","severity":1}'],
    ['too-large', JSON.stringify(Array.from({ length: 5001 }, () => ({ type: 'a' })))],
  ])('is refused as %s when it is %.60s', (reason, text) => {
    expect(decodeText('event', text)).toMatchObject({ kind: 'refused', reason });
  });
});

describe('decode() of a status', () => {
  it.each([
    ['online', 'online', receivedAtMs],
    ['offline', 'offline', receivedAtMs],
    ['{"status":"online"}', 'online', receivedAtMs],
    [`{"status":"offline","ts":${ts}}`, 'offline', ts],
  ])('takes %s', (text, status, timeMs) => {
    expect(decodeText('status', text)).toEqual({ kind: 'status', status, timeMs });
  });

  it.each([
    ['empty', ''],
    ['not-json', 'ONLINE'],
    ['wrong-shape', '"online"'],
    ['wrong-shape', '{"status":"asleep"}'],
    ['wrong-shape', '{"status":"online","ts":"noon"}'],
    ['unknown-field', '{"status":"online","rssi":3}'],
  ])('is refused as %s when it is %s', (reason, text) => {
    expect(decodeText('status', text)).toMatchObject({ kind: 'refused', reason });
  });
});

describe('decode() of anything', () => {
  const kind = fc.constantFrom<TopicKind>('telemetry', 'event', 'status');
  const almost = fc.oneof(
    fc.json(),
    fc.jsonValue().map((value) => JSON.stringify({ values: { a: value, b: 1 } })),
    fc.jsonValue().map((value) => JSON.stringify({ ts: value, values: { a: { v: 1, ts: value } } })),
    fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify({ values: value })),
    fc.dictionary(fc.string(), fc.jsonValue()).map((data) => JSON.stringify({ type: 'a', data })),
  );

  it('never throws and always gives a reason of the contract', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      almost.map((text) => new Uint8Array(Buffer.from(text))),
    );
    fc.assert(
      fc.property(kind, bytes, (k, b) => {
        const content = decodeBytes(k, b);
        if (content.kind === 'refused') expect(packetReasons).toContain(content.reason);
        if ('rejected' in content)
          for (const { reason } of content.rejected) expect(valueReasons).toContain(reason);
      }),
      { numRuns: 3000 },
    );
  });

  it('accounts for every value that the packet has', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (given) => {
        const text = JSON.stringify({ ts, values: given });
        const content = decodeText('telemetry', text);
        if (content.kind !== 'telemetry') return;
        const sent = Object.keys((JSON.parse(text) as { values: object }).values).length;
        expect(content.samples.length + content.rejected.length).toBe(sent);
      }),
      { numRuns: 1000 },
    );
  });
});
