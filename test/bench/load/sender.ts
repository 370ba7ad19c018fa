import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connectPacket } from './packets.ts';

/** Packet ids that are in use at one time, of 65,535. */
const idsMost = 60_000;
const pubackBytes = 4;
const connackBytes = 4;
const puback = 0x40;

/** One MQTT connection that only publishes at QoS 1, and expects its acknowledgements in order (MQTT-4.6.0). */
export class Sender {
  readonly #socket: Socket;
  readonly #window: number;
  readonly #onAck: (dueMs: number) => void;
  /** When each packet in flight was due, oldest at `#acked % length`. */
  readonly #due: Float64Array;
  #sent = 0;
  #acked = 0;
  #left: Buffer = Buffer.alloc(0);
  #isWritable = true;

  private constructor(socket: Socket, window: number, onAck: (dueMs: number) => void) {
    this.#socket = socket;
    this.#window = Math.min(window, idsMost);
    this.#due = new Float64Array(this.#window);
    this.#onAck = onAck;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => (this.#isWritable = true));
  }

  static async open(options: {
    port: number;
    clientId: string;
    /** Packets in flight at most. */
    window: number;
    onAck: (dueMs: number) => void;
  }): Promise<Sender> {
    const socket = connect({ host: '127.0.0.1', port: options.port, noDelay: true });
    await once(socket, 'connect');
    socket.write(connectPacket(options.clientId));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (answer.length !== connackBytes || answer[0] !== 0x20 || answer[3] !== 0) {
      throw new Error(`The broker refused ${options.clientId}`);
    }
    socket.on('error', (error) => {
      throw error;
    });
    return new Sender(socket, options.window, options.onAck);
  }

  /** How many packets may be sent now. */
  get room(): number {
    return this.#isWritable ? this.#window - (this.#sent - this.#acked) : 0;
  }

  get inFlight(): number {
    return this.#sent - this.#acked;
  }

  /** The id of the next packet, which is in flight from now on. */
  nextId(dueMs: number): number {
    this.#due[this.#sent % this.#window] = dueMs;
    return idOf(this.#sent++);
  }

  write(bytes: Buffer): void {
    if (!this.#socket.write(bytes)) this.#isWritable = false;
  }

  async close(): Promise<void> {
    this.#socket.removeAllListeners('error');
    this.#socket.on('error', () => undefined);
    this.#socket.destroy();
    await once(this.#socket, 'close');
  }

  #read(chunk: Buffer): void {
    const bytes = this.#left.length === 0 ? chunk : Buffer.concat([this.#left, chunk]);
    let at = 0;
    for (; at + pubackBytes <= bytes.length; at += pubackBytes) {
      const id = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
      if (bytes[at] !== puback || id !== idOf(this.#acked)) throw new Error('Acknowledged out of order');
      this.#onAck(this.#due[this.#acked % this.#window] ?? 0);
      this.#acked++;
    }
    this.#left = bytes.subarray(at);
  }
}

function idOf(packet: number): number {
  return (packet % idsMost) + 1;
}
