import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import {
  cctvSource,
  type CameraProbe,
  type CctvCamera,
  type CctvConfig,
  type CctvPlatform,
} from '#schemas/cctv.ts';
import type { Gateway, GatewayStatus } from '#schemas/gateway.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { Packet, ReadingSink, Sample } from '#schemas/reading.ts';
import { startPending, type Pending } from '../opcua/pending.ts';
import { createCameraBook, type CameraBook } from './camera-book.ts';
import { loginOf } from './config.ts';
import { cameraSamples } from './health.ts';
import { createPlatformProbe, type PlatformAnswer, type PlatformResult } from './platform.ts';
import { createProbe, type Probe, type ProbeResult } from './probe.ts';
import { startRounds, type Rounds } from './rounds.ts';

export interface CctvGatewayOptions {
  readonly group: CctvConfig;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
  /** Whose days the completeness of recordings is counted in. */
  readonly timeZone: string;
}

export interface CctvGatewayStatus extends GatewayStatus {
  readonly protocol: 'cctv';
  /** As of the last round of each. */
  readonly camerasAnswering: number;
  readonly valuesLost: number;
  /** Cameras whose last round left something unsaid, and the platform, with what it was. */
  readonly troubles: ReadonlyMap<string, string>;
}

export interface CctvGateway extends Gateway {
  status(): CctvGatewayStatus;
  /** The last round of each camera. */
  readonly cameras: ReadonlyMap<string, CameraProbe>;
}

interface Parts extends CctvGatewayOptions {
  readonly pending: Pending;
  readonly book: CameraBook;
}

/** Names in a status line; the rest is a number. */
const namedMost = 5;

/** Starts asking the cameras of a group, and its platform; none of them need be there. */
export function startCctvGateway(options: CctvGatewayOptions): CctvGateway {
  const { group, sink, clock, log } = options;
  const parts = { ...options, pending: startPending({ sink, clock, log }), book: createCameraBook(group.id) };
  const { pending, book } = parts;
  const cameras = group.cameras.length === 0 ? null : startCameras(parts);
  const platform = group.platform === undefined ? null : startPlatform(parts, group.platform);
  return {
    cameras: book.cameras,
    status() {
      const { packetsCommitted, packetsWaiting, valuesLost, trouble } = pending.counts();
      const probes = [...book.cameras.values()];
      const camerasAnswering = probes.filter(({ answers }) => answers).length;
      const troubles = new Map(
        probes.flatMap(({ deviceId, troubles: all }) =>
          all.length === 0 ? [] : [[deviceId, all.join(', ')] as const],
        ),
      );
      const told = platform?.last();
      if (told !== undefined && told.troubles.length > 0) troubles.set('platform', told.troubles.join(', '));
      const skipped = (cameras?.skipped ?? 0) + (platform?.rounds.skipped ?? 0);
      const known = platform === null ? group.cameras.length : probes.length;
      const detail = [
        `${camerasAnswering} of ${known} cameras answer`,
        ...(troubles.size === 0 ? [] : [describe(troubles)]),
        ...(skipped === 0 ? [] : [`${skipped} turns were left out: too slow`]),
        ...(trouble === null ? [] : [`the store is away: ${trouble}`]),
        ...(valuesLost === 0 ? [] : [`${valuesLost} values lost`]),
      ].join('; ');
      return {
        source: cctvSource(group.id),
        protocol: 'cctv',
        // Before the first round nothing is known to be wrong.
        connected: told?.answers ?? (book.cameras.size === 0 || camerasAnswering > 0),
        detail,
        trouble: trouble ?? (troubles.size === 0 ? null : describe(troubles)),
        packetsAcknowledged: packetsCommitted,
        packetsWaiting,
        canary: null,
        camerasAnswering,
        valuesLost,
        troubles,
      };
    },
    async [Symbol.asyncDispose]() {
      await cameras?.[Symbol.asyncDispose]();
      await platform?.[Symbol.asyncDispose]();
      await pending[Symbol.asyncDispose]();
    },
  };
}

/** Each camera is asked itself, one after the other. */
function startCameras({ group, clock, log, timeZone, pending, book }: Parts): Rounds {
  const calendar = localCalendar(timeZone);
  const take = (camera: CctvCamera, { facts, troubles }: ProbeResult) => {
    const { deviceId } = camera;
    const { answers, atMs, information } = facts;
    if (book.cameras.get(deviceId)?.answers === true && !answers)
      log.warn({ deviceId }, 'the camera does not answer any more');
    const samples = cameraSamples(facts).filter(
      ({ metric }) => camera.class === 'camera' || metric === 'online',
    );
    book.enter({ deviceId, atMs, answers, troubles, samples, information });
    pending.push(probePacket(group, camera, { samples, troubles, atMs }));
  };
  return startRounds<{ readonly camera: CctvCamera; readonly probe: Probe }>({
    items: group.cameras.map((camera) => ({
      camera,
      probe: createProbe({
        camera,
        login: loginOf(group, camera),
        clock,
        calendar,
        timeoutMs: group.timeoutMs,
        slowIntervalMs: group.slowIntervalS * 1000,
      }),
    })),
    intervalMs: group.intervalS * 1000,
    concurrency: group.concurrency,
    clock,
    ask: async ({ camera, probe }) => {
      try {
        take(camera, await probe.run());
      } catch (error) {
        log.error({ err: error, deviceId: camera.deviceId }, 'a camera could not be asked');
      }
    },
  });
}

interface PlatformSide extends AsyncDisposable {
  readonly rounds: Rounds;
  last(): PlatformResult | undefined;
}

/** The platform is asked for what it knows of its cameras. */
function startPlatform({ group, clock, log, pending, book }: Parts, platform: CctvPlatform): PlatformSide {
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
      const troubles = rejected.map(({ metric, detail }) => `${metric}: ${detail}`).slice(0, namedMost);
      book.enter({ deviceId, atMs, answers: isOnline(samples), troubles, samples, information: undefined });
    }
    // What the store does not take waits at the platform, not here.
    await pending.room();
  };
  const probe = createPlatformProbe({ group, platform, clock, take });
  const rounds = startRounds({
    items: [probe],
    intervalMs: group.intervalS * 1000,
    concurrency: 1,
    clock,
    ask: async (one) => {
      const result = await one.run(stop.signal);
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

/** A camera of which the platform says nothing else is there. */
function isOnline(samples: readonly Sample[]): boolean {
  const online = samples.find(({ metric }) => metric === 'online')?.value;
  return online !== 0 && online !== 'off';
}

function describe(troubles: ReadonlyMap<string, string>): string {
  const named = [...troubles].slice(0, namedMost).map(([deviceId, trouble]) => `${deviceId}: ${trouble}`);
  const more = troubles.size - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

interface Told {
  readonly samples: readonly Sample[];
  readonly troubles: readonly string[];
  readonly atMs: number;
}

function probePacket(
  group: CctvConfig,
  { deviceId, onvif, rtsp }: Pick<CctvCamera, 'deviceId' | 'onvif' | 'rtsp'>,
  { samples, troubles, atMs }: Told,
): Packet {
  const values = Object.fromEntries(samples.map(({ metric, value }) => [metric, value]));
  return {
    source: cctvSource(group.id),
    address: onvif ?? rtsp ?? '',
    deviceId,
    receivedAtMs: atMs,
    bytes: Buffer.from(JSON.stringify({ values, troubles })),
    unacknowledged: false,
    content: { kind: 'telemetry', samples, rejected: [], sequence: [] },
  };
}

function platformPacket(
  group: CctvConfig,
  asked: { readonly platform: CctvPlatform; readonly deviceId: string; readonly result: PlatformResult },
): Packet {
  const { platform, deviceId, result } = asked;
  const { atMs, answers, troubles } = result;
  const value = answers ? 1 : 0;
  const online = { metric: 'online', timeMs: atMs, value, quality: 'good', rev: 0, untimed: false } as const;
  return probePacket(group, { deviceId, onvif: platform.url }, { samples: [online], troubles, atMs });
}
