import type { Client, PublishPacket } from 'aedes';
import type { Hold } from '#infra/embedded-broker/hold.ts';
import type { BrokerFaults, BrokerMessage } from './fake-broker.ts';
import type { Sim } from './sim.ts';

/** The process that the devices can reach now: our embedded broker's own part, which holds acknowledgements. */
interface Reached {
  readonly owner: { readonly isAlive: boolean };
  readonly hold: Hold;
}

interface Outgoing {
  readonly packetId: number;
  readonly message: BrokerMessage;
}

/** As much of aedes' client as infra/embedded-broker/hold.ts touches; reading can be paused. */
class DeviceConnection {
  closed = false;
  readonly id: string;
  readonly will = null;
  _parsingBatch = 0;
  readonly #reached: Reached;
  readonly #answer: (packetId: number) => void;
  readonly #inbox: Outgoing[] = [];
  /** In the order of sending, which is that of acknowledging (MQTT-4.6.0). */
  readonly sent: number[] = [];
  #isPaused = false;

  constructor(id: string, reached: Reached, answer: (packetId: number) => void) {
    this.id = id;
    this.#reached = reached;
    this.#answer = answer;
  }

  receive(outgoing: Outgoing): void {
    this.#inbox.push(outgoing);
    this.#read();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#read();
  }

  _nextBatch(): void {
    this.#read();
  }

  #read(): void {
    const { owner, hold } = this.#reached;
    while (!this.#isPaused && !this.closed && owner.isAlive) {
      const next = this.#inbox.shift();
      if (next === undefined) return;
      const { topic, payload } = next.message;
      const packet = { cmd: 'publish', topic, payload, qos: 1, messageId: next.packetId };
      hold.take(this as unknown as Client, packet as unknown as PublishPacket, {
        clientId: null,
        deniedTo: null,
        until: null,
        done: () => this.#answer(next.packetId),
      });
    }
  }
}

class Device {
  readonly waiting: Outgoing[] = [];
  connection: DeviceConnection | null = null;
  arrivesAtMs = 0;
  departsAtMs = 0;
}

/** Devices that speak to our embedded broker: each sends again, in order, what was not acknowledged to it. */
export class FakeField {
  readonly sim: Sim;
  readonly messages: BrokerMessage[] = [];
  readonly #devices = new Map<string, Device>();
  readonly #onAcknowledged: (message: BrokerMessage) => void;
  faults: BrokerFaults;
  #reached: Reached | null = null;

  constructor(sim: Sim, options: { faults: BrokerFaults; onAcknowledged: (message: BrokerMessage) => void }) {
    this.sim = sim;
    this.faults = options.faults;
    this.#onAcknowledged = options.onAcknowledged;
  }

  publish(topic: string, payload: Buffer): BrokerMessage {
    const message = { id: this.messages.length, topic, payload, isAcknowledged: false, isForgotten: false };
    this.messages.push(message);
    const id = topic.split('/')[3] ?? '';
    const device = this.#devices.get(id) ?? new Device();
    this.#devices.set(id, device);
    let packetId = 1;
    while (device.waiting.some((one) => one.packetId === packetId)) packetId++;
    device.waiting.push({ packetId, message });
    if (device.connection === null) this.#connect(id, device);
    else this.#send(id, device, device.waiting.slice(-1));
    return message;
  }

  /** The process listens; it can be reached until it is gone. */
  attach(reached: Reached): void {
    this.#reached = reached;
  }

  /** Its connections end with it. */
  detach(owner: { readonly isAlive: boolean }): void {
    if (this.#reached?.owner !== owner) return;
    this.#reached = null;
    for (const [id, device] of this.#devices) this.#cut(id, device);
  }

  outstanding(): BrokerMessage[] {
    return this.messages.filter(({ isAcknowledged }) => !isAcknowledged);
  }

  #cut(id: string, device: Device): void {
    if (device.connection === null) return;
    device.connection.closed = true;
    device.connection = null;
    this.sim.after(this.sim.chance.between(10, 3_000), () => this.#connect(id, device));
  }

  #connect(id: string, device: Device): void {
    if (device.connection !== null) return;
    if (this.#reached === null) return void this.sim.after(500, () => this.#connect(id, device));
    const connection = new DeviceConnection(id, this.#reached, (packetId) => {
      device.departsAtMs = Math.max(device.departsAtMs, this.sim.nowMs + this.#delayMs());
      this.sim.after(device.departsAtMs - this.sim.nowMs, () => {
        if (!connection.closed) this.#acknowledged(device, connection, packetId);
      });
    });
    device.connection = connection;
    this.#send(id, device, device.waiting);
  }

  /** Packets of a connection keep their order. */
  #send(id: string, device: Device, some: readonly Outgoing[]): void {
    const { connection } = device;
    if (connection === null) return;
    for (const outgoing of some) {
      connection.sent.push(outgoing.packetId);
      device.arrivesAtMs = Math.max(device.arrivesAtMs, this.sim.nowMs + this.#delayMs());
      this.sim.after(device.arrivesAtMs - this.sim.nowMs, () => connection.receive(outgoing));
    }
    if (this.sim.chance.hits(this.faults.breaks)) this.#cut(id, device);
  }

  #acknowledged(device: Device, connection: DeviceConnection, packetId: number): void {
    const due = connection.sent.shift();
    if (due !== packetId) {
      return this.sim.violate(
        `packet ${packetId} was acknowledged to ${connection.id} where ${due ?? 'none'} was next`,
      );
    }
    const index = device.waiting.findIndex((one) => one.packetId === packetId);
    const [outgoing] = device.waiting.splice(index, 1);
    if (index < 0 || outgoing === undefined)
      return this.sim.violate(`packet ${packetId} was acknowledged twice`);
    outgoing.message.isAcknowledged = true;
    this.#onAcknowledged(outgoing.message);
  }

  #delayMs(): number {
    const { chance } = this.sim;
    return chance.hits(0.03)
      ? chance.between(0, this.faults.slowMs * 20)
      : chance.between(0, this.faults.slowMs);
  }
}
