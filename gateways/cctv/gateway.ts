import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { cctvSource, type CameraProbe, type CctvCamera, type CctvConfig } from '#schemas/cctv.ts';
import { toldAs, type Gateway, type GatewayStatus } from '#schemas/gateway.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { say, type Phrase } from '#schemas/phrases.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { startPending, type Pending } from '../opcua/pending.ts';
import { createCameraBook, type CameraBook } from './camera-book.ts';
import { loginOf } from './config.ts';
import { cameraSamples } from './health.ts';
import { probePacket } from './packets.ts';
import { startPlatform } from './platform-side.ts';
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
  const parts = {
    ...options,
    pending: startPending({ sink, clock, log }),
    book: createCameraBook(group.id, localCalendar(options.timeZone)),
  };
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
      const storeSaid = trouble === null ? [] : [say('store-away', { text: trouble })];
      const troublesSaid = describe(troubles);
      const troubleSaid = trouble === null ? troublesSaid : storeSaid;
      const said = [
        say('cameras-answer', { count: camerasAnswering, all: known }),
        ...troublesSaid,
        ...(skipped === 0 ? [] : [say('turns-left-out', { count: skipped })]),
        ...storeSaid,
        ...(valuesLost === 0 ? [] : [say('values-lost', { count: valuesLost })]),
      ];
      return {
        source: cctvSource(group.id),
        protocol: 'cctv',
        // Before the first round nothing is known to be wrong.
        connected: told?.answers ?? (book.cameras.size === 0 || camerasAnswering > 0),
        ...toldAs(said, troubleSaid),
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

function describe(troubles: ReadonlyMap<string, string>): Phrase[] {
  const named = [...troubles].slice(0, namedMost);
  const more = troubles.size - named.length;
  return [
    ...named.map(([deviceId, text]) => say('camera-trouble', { deviceId, text })),
    ...(more > 0 ? [say('more-troubles', { count: more })] : []),
  ];
}
