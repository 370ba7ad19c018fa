import { limits } from '#schemas/limits.ts';
import type { OpcuaNode, OpcuaServer } from '#schemas/opcua.ts';
import type { Packet, PacketContent, RejectedValue, Sample } from '#schemas/reading.ts';
import { valueAt, type DeviceValues, type ValueColumns } from './columns.ts';
import type { ReportedEvent } from './condition.ts';
import { decodeValue } from './decode.ts';

/** The ledger's key of a server's values. */
export function opcuaSource(serverId: string): string {
  return `opcua-${serverId}`;
}

type Origin = { readonly server: Pick<OpcuaServer, 'id' | 'endpoint'>; readonly receivedAtMs: number };

/** About what one value takes in memory, and in a book. */
const bytesPerValue = 100;

/**
 * Values of one device that came together: readings are made of the columns when the store asks, and once more when it
 * asks later; what the books show of them is written when somebody looks.
 */
export class ValuesPacket implements Packet {
  readonly source: string;
  readonly address: string;
  readonly deviceId: string;
  readonly receivedAtMs: number;
  readonly unacknowledged = false;
  readonly accountBytes: number;
  readonly #columns: ValueColumns;
  #content: PacketContent | null = null;

  constructor(deviceId: string, columns: ValueColumns, { server, receivedAtMs }: Origin) {
    this.source = opcuaSource(server.id);
    this.address = server.endpoint;
    this.deviceId = deviceId;
    this.receivedAtMs = receivedAtMs;
    this.accountBytes = columns.nodes.length * bytesPerValue;
    this.#columns = columns;
  }

  get content(): PacketContent {
    return (this.#content ??= this.#read());
  }

  get bytes(): Uint8Array {
    return Buffer.from(account(this.#columns));
  }

  /** Values, for who only counts them. */
  get values(): number {
    return this.#columns.nodes.length;
  }

  letGo(): void {
    this.#content = null;
  }

  #read(): PacketContent {
    const samples: Sample[] = [];
    const rejected: RejectedValue[] = [];
    const { nodes } = this.#columns;
    for (let row = 0; row < nodes.length; row++) {
      const decoded = decodeValue(nodes[row] as OpcuaNode, valueAt(this.#columns, row), this.receivedAtMs);
      if (decoded.ok) samples.push(decoded.sample);
      else rejected.push(decoded.rejected);
    }
    return { kind: 'telemetry', samples, rejected, sequence: [] };
  }
}

/** The values of one notification as packets, one a device. */
export function packetsOf(values: DeviceValues, origin: Origin): ValuesPacket[] {
  return Array.from(values.byDevice, ([deviceId, columns]) => new ValuesPacket(deviceId, columns, origin));
}

/** Values as the books show them, as far as these keep them. */
function account(columns: ValueColumns): string {
  const { nodes } = columns;
  let text = '[';
  for (let row = 0; row < nodes.length && text.length < limits.bookedPayloadBytes; row++) {
    const { value, statusName, sourceTimeMs } = valueAt(columns, row);
    const shown = { nodeId: nodes[row]?.nodeId, value, status: statusName, sourceTime: sourceTimeMs };
    text += (row === 0 ? '' : ',') + JSON.stringify(shown);
  }
  return `${text}]`;
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
