import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { cctvTestLimits, type CctvTestAnswer, type CctvTestDevice } from '#schemas/api/cctv.ts';
import type { CctvCamera, CctvConfig, CctvPlatform } from '#schemas/cctv.ts';
import { localCalendar, type LocalCalendar } from '#schemas/local-time.ts';
import { inEnglish } from '#schemas/phrases.ts';
import type { Sample } from '#schemas/reading.ts';
import { loginOf } from './config.ts';
import { cameraSamples } from './health.ts';
import { createPlatformProbe, isOnline, type PlatformAnswer } from './platform.ts';
import { createProbe } from './probe.ts';
import type { ChannelRecordings } from './recordings.ts';

export interface TestGroupParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly timeZone: string;
}

/**
 * Asks the first cameras of a group and its platform once, as they are or would be configured, and tells what came back.
 * Nothing is stored. Never throws: what is away is an answer.
 */
export async function testGroup(group: CctvConfig, parts: TestGroupParts): Promise<CctvTestAnswer> {
  const { clock } = parts;
  const startedMs = clock.monotonicMs();
  const calendar = localCalendar(parts.timeZone);
  const late = new AbortController();
  using _ = clock.after(cctvTestLimits.deadlineMs - marginMs, () => late.abort());
  const cameras = group.cameras.slice(0, cctvTestLimits.cameras);
  const [asked, platform] = await Promise.all([
    Promise.all(cameras.map((camera) => testCamera(group, camera, { clock, calendar }))),
    group.platform === undefined
      ? null
      : testPlatform(group, group.platform, { clock, calendar, stop: late.signal }),
  ]);
  return {
    durationMs: Math.round(clock.monotonicMs() - startedMs),
    cameras: asked,
    camerasLeftOut: group.cameras.length - cameras.length,
    platform,
  };
}

/** For the way of the answer. */
const marginMs = 1_000;

async function testCamera(
  group: CctvConfig,
  camera: CctvCamera,
  { clock, calendar }: { readonly clock: Clock; readonly calendar: LocalCalendar },
): Promise<CctvTestDevice> {
  const timeoutMs = Math.min(group.timeoutMs, cctvTestLimits.deadlineMs - marginMs);
  const login = loginOf(group, camera);
  const probe = createProbe({ camera, login, clock, calendar, timeoutMs, slowIntervalMs: 0 });
  const { facts, troubles } = await probe.run();
  const { manufacturer, model, firmware } = facts.information ?? {};
  return {
    deviceId: camera.deviceId,
    answers: facts.answers,
    troubles: [...new Set(troubles)],
    maker: [manufacturer, model, firmware].filter((part) => part !== undefined && part !== '').join(' / '),
    values: valuesOf(cameraSamples(facts)),
  };
}

async function testPlatform(
  group: CctvConfig,
  platform: CctvPlatform,
  parts: { readonly clock: Clock; readonly calendar: LocalCalendar; readonly stop: AbortSignal },
): Promise<NonNullable<CctvTestAnswer['platform']>> {
  const { clock, calendar, stop } = parts;
  const devices: CctvTestDevice[] = [];
  const refused: string[] = [];
  let found = 0;
  let recordings: CctvTestDevice | null = null;
  const one = new AbortController();
  const probe = createPlatformProbe({
    group,
    platform,
    clock,
    calendar,
    take({ mapped }: PlatformAnswer) {
      for (const { deviceId, content } of mapped) {
        if (content.kind === 'refused') refused.push(inEnglish(content.detail));
        if (deviceId === null || content.kind !== 'telemetry') continue;
        found++;
        if (devices.length === cctvTestLimits.devices) continue;
        const { samples, rejected } = content;
        const troubles = rejected.map(({ metric, detail }) => `${metric}: ${inEnglish(detail)}`);
        devices.push({
          deviceId,
          answers: isOnline(samples),
          troubles,
          maker: '',
          values: valuesOf(samples),
        });
      }
      return Promise.resolve();
    },
    takeRecordings({ deviceId, samples, trouble }: ChannelRecordings) {
      // One channel tells whether the question is right.
      one.abort();
      const troubles = trouble === null ? [] : [trouble];
      recordings ??= { deviceId, answers: trouble === null, troubles, maker: '', values: valuesOf(samples) };
      return Promise.resolve();
    },
  });
  const { answers, troubles } = await probe.run(stop);
  await probe.runRecordings(AbortSignal.any([stop, one.signal]));
  return { answers, troubles: [...new Set([...troubles, ...refused])], found, devices, recordings };
}

function valuesOf(samples: readonly Sample[]): Record<string, number | string> {
  return Object.fromEntries(samples.map(({ metric, value }) => [metric, value]));
}
