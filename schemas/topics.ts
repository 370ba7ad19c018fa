import { idPattern } from './ids.ts';

/**
 * The native MQTT contract (DESIGN §4):
 *
 *   park/v1/{parkId}/{deviceId}/telemetry | event | status
 *   park/v1/{parkId}/{deviceId}/command    what a device is told; it reads nothing else
 *
 * and, outside `park/v1` so that no consumer of the field receives them, our own:
 *
 *   parkwatch-live/v1/{parkId}/{kind}       the bus between processes
 *   parkwatch-canary/v1/{parkId}/{clientId} a gateway's numbered messages to itself
 */
export const topicKinds = ['telemetry', 'event', 'status'] as const;
export type TopicKind = (typeof topicKinds)[number];

export interface TopicAddress {
  readonly parkId: string;
  readonly deviceId: string;
  readonly kind: TopicKind;
}

export function fieldTopic(parkId: string, deviceId: string, kind: TopicKind): string {
  return `park/v1/${parkId}/${deviceId}/${kind}`;
}

/** A subscription for one kind of all devices of a park. */
export function fieldFilter(parkId: string, kind: TopicKind): string {
  return `park/v1/${parkId}/+/${kind}`;
}

/** Reads a topic; null when it is not of the native contract. */
export function parseFieldTopic(topic: string): TopicAddress | null {
  const parts = topic.split('/');
  const [root, version, parkId, deviceId, kind] = parts;
  if (parts.length !== 5 || root !== 'park' || version !== 'v1') return null;
  if (parkId === undefined || deviceId === undefined || kind === undefined) return null;
  if (!idPattern.test(parkId) || !idPattern.test(deviceId)) return null;
  const known = topicKinds.find((k) => k === kind);
  return known === undefined ? null : { parkId, deviceId, kind: known };
}

/** What a device subscribes to. */
export function commandTopic(parkId: string, deviceId: string): string {
  return `park/v1/${parkId}/${deviceId}/command`;
}

/** The device whose commands a filter names; null when it names anything else, or uses a wildcard. */
export function parseCommandFilter(parkId: string, filter: string): string | null {
  const deviceId = filter.split('/')[3] ?? '';
  return idPattern.test(deviceId) && filter === commandTopic(parkId, deviceId) ? deviceId : null;
}

export function busTopic(parkId: string, kind: string): string {
  return `parkwatch-live/v1/${parkId}/${kind}`;
}

export function canaryTopic(parkId: string, clientId: string): string {
  return `parkwatch-canary/v1/${parkId}/${clientId}`;
}
