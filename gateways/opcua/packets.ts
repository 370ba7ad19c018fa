import type { OpcuaServer } from '#schemas/opcua.ts';
import type { Packet, RejectedValue, Sample } from '#schemas/reading.ts';
import type { ReportedEvent } from './condition.ts';
import { decodeValue } from './decode.ts';
import type { NodeValue } from './line.ts';

/** The ledger's key of a server's values. */
export function opcuaSource(serverId: string): string {
  return `opcua-${serverId}`;
}

type Origin = { readonly server: Pick<OpcuaServer, 'id' | 'endpoint'>; readonly receivedAtMs: number };

/** The values of one notification as packets, one a device. */
export function packetsOf(values: readonly NodeValue[], { server, receivedAtMs }: Origin): Packet[] {
  const byDevice = Map.groupBy(values, ({ node }) => node.deviceId);
  return [...byDevice].map(([deviceId, some]) => {
    const samples: Sample[] = [];
    const rejected: RejectedValue[] = [];
    for (const { node, raw } of some) {
      const decoded = decodeValue(node, raw, receivedAtMs);
      if (decoded.ok) samples.push(decoded.sample);
      else rejected.push(decoded.rejected);
    }
    return {
      source: opcuaSource(server.id),
      address: server.endpoint,
      deviceId,
      receivedAtMs,
      bytes: Buffer.from(`[${some.map(shownValue).join()}]`),
      unacknowledged: false,
      content: { kind: 'telemetry', samples, rejected, sequence: [] },
    };
  });
}

/** A value as the books show it; written by hand, since it is done for every one. */
function shownValue({ node, raw }: NodeValue): string {
  const { value, statusName, sourceTimeMs } = raw;
  const shown =
    typeof value === 'number' && Number.isFinite(value) ? value : (JSON.stringify(value) ?? 'null');
  return `{"nodeId":${JSON.stringify(node.nodeId)},"value":${shown},"status":"${statusName}","sourceTime":${sourceTimeMs}}`;
}

/** What a condition became, as a packet of its device. */
export function eventPacket({ deviceId, event }: ReportedEvent, { server, receivedAtMs }: Origin): Packet {
  return {
    source: opcuaSource(server.id),
    address: server.endpoint,
    deviceId,
    receivedAtMs,
    bytes: Buffer.from(JSON.stringify(event)),
    unacknowledged: false,
    content: { kind: 'event', events: [event], rejected: [] },
  };
}
