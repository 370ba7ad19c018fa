import { readFileSync } from 'node:fs';
import { readChallenge } from '#gateways/cctv/digest.ts';
import * as onvif from '#gateways/cctv/onvif.ts';
import { readRtsp, readSdp } from '#gateways/cctv/rtsp-message.ts';
import { readAnswer } from '#gateways/cctv/soap.ts';
import { applyMappings, devicesIn } from '#gateways/mapping/apply.ts';
import { compileMappings } from '#gateways/mapping/compile.ts';
import { requireMappings } from '#gateways/mapping/config.ts';
import { readReadyMade } from '#gateways/mapping/ready-made.ts';
import { coveredSeconds, spanReader } from '#gateways/mapping/spans.ts';
import { decode } from '#gateways/mqtt/decode.ts';
import {
  onvifBody,
  sdp,
  soapAnswer,
  soapFault,
  type CameraState,
} from '#gateways/simulator/camera-answers.ts';
import { platformConfig, recordingsConfig } from '#gateways/simulator/video-platform.ts';
import { cctvSchema } from '#schemas/cctv.ts';
import { answerTopic } from '#schemas/mapping.ts';
import { fieldTopic, topicKinds } from '#schemas/topics.ts';
import { computedMs } from '#test/kit/cpu.ts';
import { mutated, numbersFrom } from '#test/kit/mutate.ts';

/** What reads bytes from the field, with messages that it understands. */
export interface FuzzedDecoder {
  readonly name: string;
  readonly corpus: readonly Buffer[];
  readonly decode: (bytes: Buffer) => unknown;
}

const receivedAtMs = Date.UTC(2026, 2, 1);
const camera: CameraState = {
  id: 'cam-1',
  fault: 'not-recording',
  nowMs: receivedAtMs,
  earliestMs: receivedAtMs - 1e9,
  widthPx: 1920,
  heightPx: 1080,
  base: 'http://127.0.0.1:80/cam-1',
};
const questions = [
  'GetSystemDateAndTime',
  'GetServices',
  'GetDeviceInformation',
  'GetProfiles',
  'GetRecordingInformation',
  'GetEventSearchResults',
  'PullMessages',
];

const native: Readonly<Record<(typeof topicKinds)[number], readonly string[]>> = {
  telemetry: [
    '{"ts":1772323200000,"seq":7,"values":{"active_power":12.3,"door":"open","x":{"v":1,"q":"bad","rev":2}}}',
    '[{"ts":"2026-03-01T00:00:00Z","values":{"online":true}},{"values":{"floor":-1}}]',
  ],
  event: [
    '{"ts":1772323200000,"type":"access.denied","id":"7","data":{"reason":"expired","list":[1,{"a":null}]}}',
  ],
  status: ['{"status":"online","ts":1772323200000}', 'offline'],
};

function readOnvif(bytes: Buffer): unknown {
  const answer = readAnswer(bytes.toString('utf8'));
  if (answer.kind !== 'body') return answer;
  const { body } = answer;
  return [
    onvif.readDeviceTime(body),
    onvif.readServices(body),
    onvif.readDeviceInformation(body),
    onvif.readProfiles(body),
    onvif.readRecordings(body),
    onvif.readSearchToken(body),
    onvif.readTrackChanges(body),
    onvif.readImageFault(body),
  ];
}

const description = sdp(camera);
const rtspAnswers = [
  'RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE\r\n\r\n',
  'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm="cam", nonce="0a4f", qop="auth"\r\n\r\n',
  `RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: ${description.length}\r\n\r\n${description}`,
];

function readStream(bytes: Buffer): unknown {
  const read = readRtsp(bytes);
  if (read.kind !== 'answer') return read;
  return [readSdp(read.answer.body), readChallenge(read.answer.headers.get('www-authenticate') ?? [])];
}

interface MappingFixture {
  readonly examples: readonly { readonly topic: string; readonly payload: string }[];
}

function mappingDecoders(): FuzzedDecoder[] {
  return readReadyMade().flatMap(({ name, text }) => {
    const set = requireMappings(text, name);
    const file = new URL(`../fixtures/mappings/${name}.json`, import.meta.url);
    const { examples } = JSON.parse(readFileSync(file, 'utf8')) as MappingFixture;
    const topics = Map.groupBy(examples, ({ topic }) => topic);
    return [...topics].map(([topic, some]): FuzzedDecoder => ({
      name: `mapping ${name} ${topic}`,
      corpus: some.map(({ payload }) => Buffer.from(payload)),
      decode: (bytes) => applyMappings(set, { topic, bytes, receivedAtMs, clientId: 'c' }),
    }));
  });
}

/** What a video platform answers when it is asked. */
function platformDecoder(): FuzzedDecoder {
  const { platform } = cctvSchema.parse({
    id: 'vms',
    platform: { ...platformConfig('http://127.0.0.1:1'), token: 'x' },
  });
  const set = compileMappings(platform?.requests[0]?.read ?? []);
  const list = [{ channelId: '34020000001320000001', status: 'ON', recording: true, keptDays: 31 }];
  return {
    name: 'platform answer',
    corpus: [Buffer.from(JSON.stringify({ code: 0, data: { total: 1, list } }))],
    decode: (bytes) => applyMappings(set, { topic: answerTopic, bytes, receivedAtMs, isAnswer: true }),
  };
}

/** What it answers when it is asked for the recordings of a channel, and which channels it tells of. */
function recordingsDecoder(): FuzzedDecoder {
  const { platform } = cctvSchema.parse({
    id: 'vms',
    platform: { ...platformConfig('http://127.0.0.1:1'), token: 'x', recordings: recordingsConfig },
  });
  if (platform?.recordings === undefined) throw new Error('the platform has no recordings');
  const read = spanReader(platform.recordings.spans);
  const set = compileMappings(platform.requests[0]?.read ?? []);
  const recordList = [
    { startTime: '2026-02-28 00:00:00', endTime: '2026-02-28 12:00:00', type: 'time' },
    { startTime: '2026-02-28 11:00:00', endTime: '' },
  ];
  const list = [{ channelId: '34020000001320000001', status: 'ON' }];
  return {
    name: 'platform recordings',
    corpus: [
      { code: 0, data: { sumNum: 2, recordList } },
      { code: 0, data: { list } },
    ].map((answer) => Buffer.from(JSON.stringify(answer))),
    decode(bytes) {
      const message = { topic: answerTopic, bytes, receivedAtMs, isAnswer: true };
      const channels = devicesIn(set, 'channels', message);
      let root: unknown;
      try {
        root = JSON.parse(bytes.toString('utf8'));
      } catch {
        return channels;
      }
      const found = read({ root, item: root }, receivedAtMs);
      return [channels, found.kind === 'spans' ? coveredSeconds(found.spans) : found];
    },
  };
}

/** Every decoder that reads what the field sends as bytes. */
export function fuzzedDecoders(): FuzzedDecoder[] {
  const natives = topicKinds.map((kind): FuzzedDecoder => ({
    name: `mqtt ${kind}`,
    corpus: native[kind].map((text) => Buffer.from(text)),
    decode: (bytes) =>
      decode({ topic: fieldTopic('demo', 'em-1', kind), bytes, receivedAtMs, parkId: 'demo' }),
  }));
  const answers = questions.map((name) => soapAnswer(onvifBody(`<${name}/>`, camera) ?? ''));
  const faults = [soapFault('NotAuthorized', 'no')];
  return [
    ...natives,
    ...mappingDecoders(),
    platformDecoder(),
    recordingsDecoder(),
    { name: 'onvif', corpus: [...answers, ...faults].map((text) => Buffer.from(text)), decode: readOnvif },
    { name: 'rtsp', corpus: rtspAnswers.map((text) => Buffer.from(text)), decode: readStream },
  ];
}

export interface FuzzResult {
  readonly name: string;
  readonly inputs: number;
  readonly slowestMs: number;
  readonly perS: number;
}

/**
 * Feeds damaged messages to a decoder, the same ones for the same seed.
 * @throws Error with the input, in hex, that made it throw
 */
export function fuzz(
  { name, corpus, decode: read }: FuzzedDecoder,
  inputs: number,
  seed: number,
): FuzzResult {
  const next = numbersFrom(seed);
  let [slowestMs, totalMs] = [0, 0];
  for (let run = 0; run < inputs; run++) {
    const bytes = mutated(corpus[run % corpus.length] ?? Buffer.alloc(0), next);
    const begun = computedMs();
    try {
      read(bytes);
    } catch (error) {
      throw new Error(`${name} throws at ${bytes.toString('hex')}`, { cause: error });
    }
    const tookMs = computedMs() - begun;
    totalMs += tookMs;
    slowestMs = Math.max(slowestMs, tookMs);
  }
  return { name, inputs, slowestMs, perS: Math.round((inputs * 1000) / totalMs) };
}
