import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startCctvGateway } from '#gateways/cctv/gateway.ts';
import { exchange } from '#gateways/cctv/http.ts';
import { describeStream } from '#gateways/cctv/rtsp.ts';
import {
  platformConfig,
  recordingsConfig,
  startSimulatedVideoPlatform,
  type SimulatedVideoPlatform,
} from '#gateways/simulator/video-platform.ts';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { cctvSchema } from '#schemas/cctv.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { Packet } from '#schemas/reading.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const token = 'a token of 128 bit';
const code = (n: number) => `340200000013200${String(n).padStart(5, '0')}`;
const good = { status: 'ON', recording: true, keptDays: 31, recordedMinutesToday: 90 } as const;
let platform: SimulatedVideoPlatform;

beforeEach(async () => {
  platform = await startSimulatedVideoPlatform(token);
});
afterEach(() => platform[Symbol.asyncDispose]());

function group(given: object = {}, intervalS = 3_600) {
  const asked = { ...platformConfig(platform.url, 'vms-1'), token, ...given };
  return cctvSchema.parse({ id: 'vms', intervalS, timeoutMs: 2_000, platform: asked });
}

function start(config = group()) {
  const sink = createHeldSink();
  const gateway = startCctvGateway({
    group: config,
    sink,
    clock,
    log: silentLog(),
    timeZone: 'Asia/Shanghai',
  });
  return { gateway, sink };
}

function valuesOf(packets: readonly Packet[], deviceId: string): Record<string, number | string> {
  const samples = packets.flatMap(({ content, deviceId: id }) =>
    id === deviceId && content.kind === 'telemetry' ? content.samples : [],
  );
  return Object.fromEntries(samples.map(({ metric, value }) => [metric, value]));
}

describe('createPlatformProbe()', () => {
  test('reads every page of a platform, each value good and of the moment of asking', async () => {
    for (let n = 0; n < 250; n++) platform.channels.set(code(n), good);
    platform.channels.set(code(7), { ...good, status: 'OFF', recording: false });
    const { gateway, sink } = start();
    await using _ = gateway;
    await sink.until(() => sink.committed.length === 251);
    expect(platform.requests).toEqual([1, 2, 3].map((page) => `/api/channels?page=${page}&count=100`));
    expect(valuesOf(sink.committed, code(249))).toEqual({
      online: 'on',
      recording: 1,
      oldest_recording_age: 31 * 86_400,
      recorded_seconds_today: 5_400,
    });
    expect(valuesOf(sink.committed, 'vms-1')).toEqual({ online: 1 });
    const samples = sink.committed.flatMap(({ content }) =>
      content.kind === 'telemetry' ? content.samples : [],
    );
    expect(samples.every(({ quality, untimed }) => quality === 'good' && !untimed)).toBe(true);
    expect(gateway.status()).toMatchObject({ connected: true, detail: '249 of 250 cameras answer' });
    expect(gateway.cameras.get(code(7))).toMatchObject({ answers: false, recording: false, group: 'vms' });
  });

  test('a full last page is followed by an empty one, which refuses nothing', async () => {
    for (let n = 0; n < 100; n++) platform.channels.set(code(n), good);
    const { gateway, sink } = start();
    await using _ = gateway;
    await sink.until(() => sink.committed.length === 101);
    expect(platform.requests).toHaveLength(2);
    expect(sink.committed.filter(({ content }) => content.kind === 'refused')).toEqual([]);
  });

  test.each([
    ['away', 0, /ECONNRESET|socket/],
    ['refusing', 1, /the platform answers 403/],
  ] as const)(
    'a platform that is %s: its own device tells, its cameras are not called offline',
    async (fault, online, detail) => {
      platform.channels.set(code(1), good);
      platform.fault = fault;
      const { gateway, sink } = start();
      await using _ = gateway;
      await sink.until(() => sink.committed.length === 1);
      expect(valuesOf(sink.committed, 'vms-1')).toEqual({ online });
      expect(gateway.status()).toMatchObject({ connected: online === 1 });
      expect(gateway.status().detail).toMatch(detail);
    },
  );

  test('what is no JSON is refused and kept, as from any other source', async () => {
    platform.fault = 'garbage';
    const { gateway, sink } = start();
    await using _ = gateway;
    await sink.until(() => sink.committed.length === 2);
    expect(sink.committed[0]?.content).toMatchObject({ kind: 'refused', reason: 'not-json' });
  });

  test('never tells the token', async () => {
    const { gateway, sink } = start(group({ token: 'wrong-token' }));
    await using _ = gateway;
    await until(() => gateway.status().detail.includes('403'), 'the refusal');
    const told = JSON.stringify([gateway.status().detail, sink.committed.map(({ address }) => address)]);
    expect(told).not.toContain('wrong-token');
  });

  test('asks for the recordings of each channel that is there: today, yesterday when it is over, and the oldest', async () => {
    const hourMs = 3_600_000;
    const startMs = localCalendar('Asia/Shanghai').startOf('2026-03-01');
    const fake = fakeClock(startMs + 8 * hourMs);
    platform.channels.set(code(1), { status: 'ON', recording: true });
    platform.channels.set(code(2), { status: 'OFF', recording: false });
    // Hour by hour for ten days, but for a whole day in between and an hour of today.
    platform.recordings = (_, { fromMs, toMs }) =>
      Array.from({ length: 10 * 24 + 8 }, (__, n) => startMs - 240 * hourMs + n * hourMs)
        .filter((at) => at < startMs - 96 * hourMs || at >= startMs - 72 * hourMs)
        .filter((at) => at !== startMs + 3 * hourMs && at < toMs && at + hourMs > fromMs)
        .map((at) => ({ fromMs: at, toMs: at + hourMs }));
    const sink = createHeldSink();
    const gateway = startCctvGateway({
      group: group({ recordings: recordingsConfig }),
      sink,
      clock: fake,
      log: silentLog(),
      timeZone: 'Asia/Shanghai',
    });
    await using _ = gateway;
    await sink.until(() => sink.committed.length === 3);
    // Its turn is half a round behind that of the list.
    await fake.advance(1_800_000);
    await sink.until(() => sink.committed.length === 4);
    const { deviceId, content } = sink.committed[3] ?? {};
    const told =
      content?.kind === 'telemetry'
        ? content.samples.map(({ metric, value, timeMs }) => [metric, value, timeMs - startMs])
        : [];
    expect([deviceId, told]).toEqual([
      code(1),
      [
        ['recorded_seconds_today', 86_400, -1],
        ['recorded_seconds_today', 7 * 3_600, 8.5 * hourMs],
        ['oldest_recording_age', 248.5 * 3_600, 8.5 * hourMs],
      ],
    ]);
    expect(gateway.cameras.get(code(1))).toMatchObject({ reachS: 248.5 * 3_600, recordedShare: 7 / 8.5 });
    expect(platform.requests.filter((path) => path.startsWith('/api/records/')).length).toBeLessThan(20);
    expect(platform.requests.join()).toContain(
      `/api/records/${code(1)}?startTime=2026-03-01%2000%3A00%3A00&endTime=2026-03-01%2008%3A30%3A00`,
    );
  });

  test('what cannot be read of recordings is told at the camera, and is no zero', async () => {
    platform.channels.set(code(1), good);
    const spans = { ...recordingsConfig.spans, each: 'data.other[*]' };
    const { gateway, sink } = start(group({ recordings: { ...recordingsConfig, spans } }, 5));
    await using _ = gateway;
    await until(
      () => gateway.cameras.get(code(1))?.troubles.join() === 'recordings: no data.other[*]',
      'the trouble',
    );
    expect(valuesOf(sink.committed, code(1))).toMatchObject({ online: 'on' });
    expect(gateway.status().connected).toBe(true);
  });
});

test('a platform at the address where a cloud tells machines their secrets is not asked', async () => {
  const answer = exchange({
    method: 'GET',
    url: new URL('http://169.254.169.254/latest/meta-data/'),
    headers: {},
    body: '',
    signal: AbortSignal.timeout(5_000),
  });
  await expect(answer).rejects.toThrow('a cloud tells machines their secrets');
});

test('nor is it probed as a stream', async () => {
  const probed = describeStream(
    { url: 'rtsp://169.254.169.254/', login: undefined },
    AbortSignal.timeout(5_000),
  );
  expect(await probed).toMatchObject({ kind: 'silent', detail: expect.stringContaining('a cloud tells') });
});
