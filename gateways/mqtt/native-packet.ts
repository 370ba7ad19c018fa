import type { Packet, PacketContent } from '#schemas/reading.ts';
import { decode } from './decode.ts';

/** What of a packet is known before its bytes are read. */
export type Received = Omit<Packet, 'deviceId' | 'content' | 'letGo'>;

/** A packet of the native contract: what it holds is read from its bytes, and once more when it is asked for later. */
export class NativePacket implements Packet {
  readonly source: string;
  readonly address: string;
  readonly deviceId: string | null;
  readonly receivedAtMs: number;
  readonly bytes: Uint8Array;
  readonly unacknowledged: boolean;
  readonly #parkId: string;
  #content: PacketContent | null;

  constructor(received: Received, parkId: string) {
    this.source = received.source;
    this.address = received.address;
    this.receivedAtMs = received.receivedAtMs;
    this.bytes = received.bytes;
    this.unacknowledged = received.unacknowledged;
    this.#parkId = parkId;
    const { deviceId, content } = this.#read();
    this.deviceId = deviceId;
    this.#content = content;
  }

  get content(): PacketContent {
    return this.#content ?? this.#read().content;
  }

  /** Only values are many; the rest is small and kept. */
  letGo(): void {
    if (this.#content?.kind === 'telemetry') this.#content = null;
  }

  #read(): ReturnType<typeof decode> {
    const { address: topic, bytes, receivedAtMs } = this;
    return decode({ topic, bytes, receivedAtMs, parkId: this.#parkId });
  }
}
