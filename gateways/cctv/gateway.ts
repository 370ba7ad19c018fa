import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { CctvCamera, CctvConfig } from '#schemas/cctv.ts';
import type { Gateway, GatewayStatus } from '#schemas/gateway.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { Packet, ReadingSink } from '#schemas/reading.ts';
import { startPending } from '../opcua/pending.ts';
import { readLogins } from './config.ts';
import { cameraSamples } from './health.ts';
import { createProbe, type Probe, type ProbeResult } from './probe.ts';
import { startRounds } from './rounds.ts';

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
  /** Cameras whose last round left something unsaid, with what it was. */
  readonly troubles: ReadonlyMap<string, string>;
}

export interface CctvGateway extends Gateway {
  status(): CctvGatewayStatus;
}

/** The ledger's key of a group's values. */
export function cctvSource(groupId: string): string {
  return `cctv-${groupId}`;
}

interface Asked {
  readonly camera: CctvCamera;
  readonly probe: Probe;
}

/** Names in a status line; the rest is a number. */
const namedMost = 5;

/**
 * Starts asking the cameras of a group; none of them need be there.
 * @throws ConfigError when a password file cannot be read
 */
export function startCctvGateway(options: CctvGatewayOptions): CctvGateway {
  const { group, sink, clock, log } = options;
  const logins = readLogins(group);
  const calendar = localCalendar(options.timeZone);
  const pending = startPending({ sink, clock, log });
  const answering = new Map<string, boolean>();
  const troubles = new Map<string, string>();

  const take = (camera: CctvCamera, result: ProbeResult) => {
    const { deviceId } = camera;
    const { answers } = result.facts;
    if (answering.get(deviceId) === true && !answers)
      log.warn({ deviceId }, 'the camera does not answer any more');
    answering.set(deviceId, answers);
    if (result.troubles.length === 0) troubles.delete(deviceId);
    else troubles.set(deviceId, [...new Set(result.troubles)].join(', '));
    pending.push(toPacket(group, camera, result));
  };
  const rounds = startRounds<Asked>({
    items: group.cameras.map((camera) => ({
      camera,
      probe: createProbe({
        camera,
        login: logins.get(camera.deviceId),
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

  return {
    status() {
      const { packetsCommitted, packetsWaiting, valuesLost, trouble } = pending.counts();
      const camerasAnswering = [...answering.values()].filter(Boolean).length;
      const detail = [
        `${camerasAnswering} of ${group.cameras.length} cameras answer`,
        ...(troubles.size === 0 ? [] : [describe(troubles)]),
        ...(rounds.skipped === 0 ? [] : [`${rounds.skipped} turns were left out: too slow`]),
        ...(trouble === null ? [] : [`the store is away: ${trouble}`]),
        ...(valuesLost === 0 ? [] : [`${valuesLost} values lost`]),
      ].join('; ');
      return {
        source: cctvSource(group.id),
        protocol: 'cctv',
        // Before the first round nothing is known to be wrong.
        connected: answering.size === 0 || camerasAnswering > 0,
        detail,
        packetsAcknowledged: packetsCommitted,
        packetsWaiting,
        canary: null,
        camerasAnswering,
        valuesLost,
        troubles,
      };
    },
    async [Symbol.asyncDispose]() {
      await rounds[Symbol.asyncDispose]();
      await pending[Symbol.asyncDispose]();
    },
  };
}

function describe(troubles: ReadonlyMap<string, string>): string {
  const named = [...troubles].slice(0, namedMost).map(([deviceId, trouble]) => `${deviceId}: ${trouble}`);
  const more = troubles.size - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function toPacket(
  group: CctvConfig,
  { deviceId, onvif, rtsp, class: kind }: CctvCamera,
  result: ProbeResult,
): Packet {
  const samples = cameraSamples(result.facts).filter(
    ({ metric }) => kind === 'camera' || metric === 'online',
  );
  const said = {
    values: Object.fromEntries(samples.map(({ metric, value }) => [metric, value])),
    troubles: result.troubles,
  };
  return {
    source: cctvSource(group.id),
    address: onvif ?? rtsp ?? '',
    deviceId,
    receivedAtMs: result.facts.atMs,
    bytes: Buffer.from(JSON.stringify(said)),
    unacknowledged: false,
    content: { kind: 'telemetry', samples, rejected: [], sequence: [] },
  };
}
