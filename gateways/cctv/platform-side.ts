import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { cctvSource, type CctvConfig, type CctvPlatform } from '#schemas/cctv.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { inEnglish } from '#schemas/phrases.ts';
import type { Pending } from '../opcua/pending.ts';
import type { CameraBook } from './camera-book.ts';
import { platformPacket, probePacket } from './packets.ts';
import { createPlatformProbe, isOnline, type PlatformAnswer, type PlatformResult } from './platform.ts';
import type { ChannelRecordings } from './recordings.ts';
import { startRounds, type Rounds } from './rounds.ts';

export interface PlatformParts {
  readonly group: CctvConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeZone: string;
  readonly pending: Pending;
  readonly book: CameraBook;
}

/** Why a value was not taken; of very many the first. */
const namedMost = 5;

export interface PlatformSide extends AsyncDisposable {
  readonly rounds: Rounds;
  last(): PlatformResult | undefined;
}

/** The platform is asked for what it knows of its cameras. */
export function startPlatform(
  { group, clock, log, timeZone, pending, book }: PlatformParts,
  platform: CctvPlatform,
): PlatformSide {
  const stop = new AbortController();
  let last: PlatformResult | undefined;
  const take = async ({ address, bytes, atMs, mapped }: PlatformAnswer): Promise<void> => {
    for (const { deviceId, content } of mapped) {
      pending.push({
        source: cctvSource(group.id),
        address: address.slice(0, addressLength),
        deviceId,
        receivedAtMs: atMs,
        bytes,
        unacknowledged: false,
        content,
      });
      if (deviceId === null || content.kind !== 'telemetry') continue;
      const { samples, rejected } = content;
      const troubles = rejected
        .map(({ metric, detail }) => `${metric}: ${inEnglish(detail)}`)
        .slice(0, namedMost);
      book.enter({ deviceId, atMs, answers: isOnline(samples), troubles, samples, information: undefined });
    }
    // What the store does not take waits at the platform, not here.
    await pending.room();
  };
  const takeRecordings = async ({ deviceId, atMs, samples, trouble }: ChannelRecordings): Promise<void> => {
    book.enterRecordings({ deviceId, atMs, samples, trouble });
    const troubles = trouble === null ? [] : [trouble];
    if (samples.length > 0)
      pending.push(probePacket(group, { deviceId, onvif: platform.url }, { samples, troubles, atMs }));
    await pending.room();
  };
  const calendar = localCalendar(timeZone);
  const probe = createPlatformProbe({ group, platform, clock, calendar, take, takeRecordings });
  const isRecording = platform.recordings !== undefined;
  const rounds = startRounds({
    // Recordings have turns of their own, between those of the list: a slow one delays no state.
    items: isRecording ? (['state', 'recordings'] as const) : (['state'] as const),
    intervalMs: group.intervalS * 1000,
    concurrency: 2,
    clock,
    ask: async (what) => {
      if (what === 'recordings') return probe.runRecordings(stop.signal);
      const result = await probe.run(stop.signal);
      if (stop.signal.aborted) return;
      if (last?.answers === true && !result.answers)
        log.warn({ group: group.id, troubles: result.troubles }, 'the platform does not answer any more');
      last = result;
      if (platform.deviceId !== undefined)
        pending.push(platformPacket(group, { platform, deviceId: platform.deviceId, result }));
    },
  });
  return {
    rounds,
    last: () => last,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await rounds[Symbol.asyncDispose]();
    },
  };
}

/** Longer than any address that is worth reading. */
const addressLength = 512;
