import { cctvSource, type CctvCamera, type CctvConfig, type CctvPlatform } from '#schemas/cctv.ts';
import type { Packet, Sample } from '#schemas/reading.ts';
import type { PlatformResult } from './platform.ts';

export interface Told {
  readonly samples: readonly Sample[];
  readonly troubles: readonly string[];
  readonly atMs: number;
}

/** What a camera, or a platform for one, said; as the book of raw packets shows it. */
export function probePacket(
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

/** Whether a platform answers, as its own device tells it. */
export function platformPacket(
  group: CctvConfig,
  asked: { readonly platform: CctvPlatform; readonly deviceId: string; readonly result: PlatformResult },
): Packet {
  const { platform, deviceId, result } = asked;
  const { atMs, answers, troubles } = result;
  const value = answers ? 1 : 0;
  const online = { metric: 'online', timeMs: atMs, value, quality: 'good', rev: 0, untimed: false } as const;
  return probePacket(group, { deviceId, onvif: platform.url }, { samples: [online], troubles, atMs });
}
