import fc from 'fast-check';
import type { FuzzedDecoder } from './decoders.ts';

/**
 * Messages that are made, not damaged: of the right form with anything in the places of values, and of any form. What
 * mutation of bytes seldom finds: odd names, deep nesting, numbers at the edge, texts that mean something elsewhere.
 */

const oddNames = [
  '__proto__',
  'constructor',
  'toString',
  'length',
  '',
  '0',
  'ts',
  'values',
  'v',
  'q',
  'rev',
  'seq',
  'data',
];
const oddNumbers = [0, -0, 1e308, -1e308, 5e-324, 2 ** 53, -1, 0.1, 1772323200000, 1e15, 1e21];
const oddTexts = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '9'.repeat(400),
  '2026-02-30T25:61:61Z',
  '1772323200000',
  'NaN',
  '∞',
  '<a/>',
  '${x}',
];

const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, false),
  fc.constantFrom<unknown>(...oddNumbers),
  fc.double({ noNaN: true }),
  fc.constantFrom<unknown>(...oddTexts),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

const anything = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...oddNames), fc.string({ maxLength: 12 })), tie('value'), {
      maxKeys: 6,
      noNullPrototype: false,
    }),
  ),
})).value;

/** A message that is understood, with other things in some of its places. */
function disturbed(example: unknown): fc.Arbitrary<unknown> {
  const kept = { arbitrary: fc.constant(example), weight: 8 };
  const other = { arbitrary: anything, weight: 1 };
  if (Array.isArray(example)) {
    const items = fc.tuple(...example.map(disturbed)).chain((all) => fc.shuffledSubarray([...all, ...all]));
    return fc.oneof({ arbitrary: items, weight: 8 }, other);
  }
  if (typeof example !== 'object' || example === null) return fc.oneof(kept, other);
  const fields = Object.entries(example).map(([key, value]) =>
    fc.tuple(
      fc.oneof(
        { arbitrary: fc.constant(key), weight: 20 },
        { arbitrary: fc.constantFrom(...oddNames), weight: 1 },
      ),
      disturbed(value),
    ),
  );
  const members = fc.tuple(...fields).map((entries) => Object.fromEntries(entries));
  return fc.oneof({ arbitrary: members, weight: 12 }, other);
}

const toBytes = (value: unknown) => Buffer.from(JSON.stringify(value) ?? 'null');

const names = [
  'Envelope',
  'Body',
  'Fault',
  'Code',
  'Subcode',
  'Value',
  'Reason',
  'Text',
  'UTCDateTime',
  'Date',
  'Year',
  'Month',
  'Day',
  'Time',
  'Hour',
  'Minute',
  'Second',
  'Profiles',
  'VideoEncoderConfiguration',
  'Resolution',
  'Width',
  'Height',
  'RecordingInformation',
  'EarliestRecording',
  'Result',
  'Event',
  'Message',
  'SimpleItem',
  'Service',
  'Namespace',
  'XAddr',
  'NotificationMessage',
  'Topic',
  'a:b',
  'x',
];

const xmlText = fc.oneof(
  fc.constantFrom(
    '1',
    '2026',
    '2026-03-01T00:00:00Z',
    '&amp;',
    '&#x10ffff;',
    '&x;',
    ']]>',
    '<![CDATA[<]]>',
    '<!--a-->',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const element = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 8 },
    xmlText,
    fc
      .tuple(
        fc.constantFrom(...names),
        fc.dictionary(fc.constantFrom('token', 'Name', 'Value', 'x:y'), xmlText),
        fc.array(tie('node'), { maxLength: 5 }),
      )
      .map(([name, attributes, inside]) => {
        const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
        return `<${name}${written.join('')}>${inside.join('')}</${name}>`;
      }),
  ),
})).node;
const xml = fc
  .tuple(element, element)
  .map(
    ([inside, other]) => `<s:Envelope><s:Header>${other}</s:Header><s:Body>${inside}</s:Body></s:Envelope>`,
  );

const rtsp = fc
  .tuple(
    fc.constantFrom(
      'RTSP/1.0 200 OK',
      'RTSP/1.0 401 Unauthorized',
      'RTSP/1.0 99999 x',
      'HTTP/1.1 200 OK',
      'RTSP/1.0',
    ),
    fc.array(
      fc.tuple(
        fc.constantFrom('CSeq', 'Content-Length', 'WWW-Authenticate', 'content-length', 'X'),
        fc.oneof(
          fc.constantFrom('-1', '5', '1e9', 'Digest realm="a", nonce="b"', 'Basic x', 'Digest ,,='),
          fc.string({ maxLength: 30 }),
        ),
      ),
      { maxLength: 12 },
    ),
    fc.oneof(
      fc.constantFrom('m=video 0 RTP/AVP 96\r\na=framerate:25', 'a=x-dimensions:1,2'),
      fc.string({ maxLength: 60 }),
    ),
  )
  .map(([status, headers, body]) =>
    [status, ...headers.map((pair) => pair.join(': ')), '', body].join('\r\n'),
  );

/** Made messages for a decoder. */
export function madeFor({ name, corpus }: FuzzedDecoder): fc.Arbitrary<Buffer> {
  if (name === 'onvif') return fc.oneof(xml, element).map((text) => Buffer.from(text));
  if (name === 'rtsp') return rtsp.map((text) => Buffer.from(text));
  const examples = corpus.flatMap((bytes) => {
    try {
      return [disturbed(JSON.parse(bytes.toString('utf8')))];
    } catch {
      return [];
    }
  });
  return fc.oneof(...examples, anything).map(toBytes);
}
