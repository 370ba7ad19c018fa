import type { FieldPermit } from '#infra/embedded-broker/access.ts';
import type { FieldGrant } from '#schemas/api/field-access.ts';
import { parseCommandFilter, parseFieldTopic } from '#schemas/topics.ts';

/** What holds for a credential whose grant says nothing else. */
export const permitDefaults = {
  /** A device that sends more is misconfigured; a gateway is given its own figure. */
  packetsPerS: 100,
  gatewayPacketsPerS: 2_000,
  connections: 5,
} as const;

/** Whether the credentials of `owner` speak for a device: itself, a named child, or one whose id begins as told. */
export function coversDevice(owner: string, grant: Lookup, deviceId: string): boolean {
  return (
    deviceId === owner ||
    grant.children.has(deviceId) ||
    grant.prefixes.some((prefix) => deviceId.startsWith(prefix))
  );
}

/** A grant, ready to be asked with every packet. */
export interface Lookup {
  readonly children: ReadonlySet<string>;
  readonly prefixes: readonly string[];
  readonly topics: readonly (readonly string[])[];
  readonly packetsPerS: number;
  readonly connections: number;
}

export function toLookup(grant: FieldGrant): Lookup {
  const isGateway = grant.children.length + grant.prefixes.length + grant.topics.length > 0;
  const packetsPerS = isGateway ? permitDefaults.gatewayPacketsPerS : permitDefaults.packetsPerS;
  return {
    children: new Set(grant.children),
    prefixes: grant.prefixes,
    topics: grant.topics.map((filter) => filter.split('/')),
    packetsPerS: grant.packetsPerS ?? packetsPerS,
    connections: grant.connections ?? permitDefaults.connections,
  };
}

/**
 * What a credential allows: to publish under the ids it covers, and on the vendors' topics it was given; to read the
 * commands of those devices, and nothing else.
 */
export function createPermit(of: {
  readonly owner: string;
  readonly parkId: string;
  /** The newest grant: a change holds for sessions that stand. Undefined once the credential has ended. */
  readonly grant: () => Lookup | undefined;
}): FieldPermit {
  const { owner, parkId, grant } = of;
  return {
    owner,
    get connections() {
      return grant()?.connections ?? 0;
    },
    get packetsPerS() {
      return grant()?.packetsPerS ?? null;
    },
    stands: () => grant() !== undefined,
    mayPublish(topic) {
      const now = grant();
      if (now === undefined) return false;
      const address = parseFieldTopic(topic);
      if (address !== null) return address.parkId === parkId && coversDevice(owner, now, address.deviceId);
      return !topic.startsWith('park/') && now.topics.some((filter) => matches(filter, topic));
    },
    maySubscribe(filter) {
      const now = grant();
      const deviceId = parseCommandFilter(parkId, filter);
      return now !== undefined && deviceId !== null && coversDevice(owner, now, deviceId);
    },
  };
}

/** MQTT 3.1.1 §4.7.1. @param filter its levels */
export function matches(filter: readonly string[], topic: string): boolean {
  const levels = topic.split('/');
  for (const [index, level] of filter.entries()) {
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return filter.length === levels.length;
}

/** Why a text is no filter that may be granted; null when it is one. */
export function filterFault(filter: string): string | null {
  const levels = filter.split('/');
  if (/^(park|parkwatch-live|parkwatch-canary)$|^\$/.test(levels[0] ?? '')) {
    return 'native topics are covered by children and prefixes, and topics of our own by nothing';
  }
  if (levels[0] === '#' || levels[0] === '+') return 'the first level of a vendor topic is named';
  const odd = levels.some(
    (level, index) => /[+#]/.test(level) && level !== '+' && !(level === '#' && index === levels.length - 1),
  );
  return odd || filter.includes('\0') ? 'is no MQTT filter' : null;
}
