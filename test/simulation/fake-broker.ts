import type { IPublishPacket, MqttClient } from 'mqtt';
import type { Sim } from './sim.ts';

/** A message that the broker has taken; what becomes of it is checked. */
export interface BrokerMessage {
  readonly id: number;
  readonly topic: string;
  readonly payload: Buffer;
  /** The consumer has acknowledged it. */
  isAcknowledged: boolean;
  /** The broker has forgotten it with its session: nobody can be blamed but the broker. */
  isForgotten: boolean;
}

interface Session {
  readonly id: number;
  queue: BrokerMessage[];
  /** By packet id, in order of the first sending. */
  readonly inFlight: Map<number, BrokerMessage>;
  connection: BrokerConnection | null;
}

export interface BrokerFaults {
  /** That a connection breaks with a packet. */
  readonly breaks: number;
  /** That a session is forgotten when its client is away. */
  readonly forgets: number;
  /** That what a client that went has not acknowledged goes to another one. */
  readonly passesOn: number;
  readonly slowMs: number;
  readonly receiveMaximum: number;
}

/** One connection of a consumer, as its process sees it: as much of mqtt.js as gateways/mqtt/deferred-ack.ts touches. */
export class BrokerConnection {
  readonly #incoming: { packet: IPublishPacket; message: BrokerMessage }[] = [];
  readonly #o: { broker: FakeBroker; session: Session; client: FakeMqttClient };
  readonly stream = { destroyed: false };
  /** Packet ids in the order they were sent and are to be acknowledged. */
  readonly sent: number[] = [];
  isOpen = true;
  #isBusy = false;
  #arrivesAtMs = 0;
  #departsAtMs = 0;

  constructor(options: { broker: FakeBroker; session: Session; client: FakeMqttClient }) {
    this.#o = options;
  }

  /** From the broker; packets of a connection keep their order. */
  deliver(packetId: number, message: BrokerMessage): void {
    const { broker, client } = this.#o;
    this.sent.push(packetId);
    const packet = {
      cmd: 'publish',
      topic: message.topic,
      payload: message.payload,
      qos: 1,
      messageId: packetId,
    };
    this.#arrivesAtMs = Math.max(this.#arrivesAtMs, broker.sim.nowMs + broker.delayMs());
    broker.sim.after(this.#arrivesAtMs - broker.sim.nowMs, () => {
      if (!this.isOpen || !client.owner.isAlive) return;
      this.#incoming.push({ packet: packet as IPublishPacket, message });
      this.#next();
    });
  }

  /** To the broker. */
  acknowledge(packetId: number): void {
    const { broker } = this.#o;
    this.#departsAtMs = Math.max(this.#departsAtMs, broker.sim.nowMs + broker.delayMs());
    broker.sim.after(this.#departsAtMs - broker.sim.nowMs, () => {
      if (this.isOpen) broker.acknowledged(this, packetId);
    });
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.stream.destroyed = true;
    this.#o.client.onClose();
  }

  /** mqtt.js hands over the next packet when it has "sent" the acknowledgement of this one. */
  #next(): void {
    const { client } = this.#o;
    if (this.#isBusy || !this.isOpen || !client.owner.isAlive) return;
    const one = this.#incoming.shift();
    if (one === undefined) return;
    this.#isBusy = true;
    client.handleMessage(one.packet, () => {
      client._sendPacket({ cmd: 'puback', messageId: one.packet.messageId ?? 0 }, () => {
        this.#isBusy = false;
        this.#next();
      });
    });
  }
}

/** The client object of one process; its connections come and go. */
export class FakeMqttClient {
  readonly owner: { readonly isAlive: boolean };
  connection: BrokerConnection | null = null;
  onClose: () => void = () => undefined;
  handleMessage: (packet: IPublishPacket, next: () => void) => void = (_packet, next) => next();

  constructor(owner: { readonly isAlive: boolean }) {
    this.owner = owner;
  }

  get connected(): boolean {
    return this.connection?.isOpen ?? false;
  }

  get stream(): object {
    return this.connection?.stream ?? noStream;
  }

  // oxlint-disable-next-line no-underscore-dangle
  _sendPacket(packet: { cmd: string; messageId?: number }, sent?: () => void): void {
    if (packet.cmd === 'puback' && this.owner.isAlive) this.connection?.acknowledge(packet.messageId ?? 0);
    sent?.();
  }

  asMqttClient(): MqttClient {
    return this as unknown as MqttClient;
  }
}
const noStream = { destroyed: true };

/**
 * A broker with persistent sessions and one shared subscription over all of them. It keeps MQTT's rules about order and
 * packet ids, and breaks every promise that brokers are known to break.
 */
export class FakeBroker {
  readonly sim: Sim;
  readonly messages: BrokerMessage[] = [];
  readonly #sessions = new Map<number, Session>();
  readonly #onAcknowledged: (message: BrokerMessage) => void;
  faults: BrokerFaults;

  constructor(sim: Sim, options: { faults: BrokerFaults; onAcknowledged: (message: BrokerMessage) => void }) {
    this.sim = sim;
    this.faults = options.faults;
    this.#onAcknowledged = options.onAcknowledged;
  }

  delayMs(): number {
    const { chance } = this.sim;
    return chance.hits(0.03)
      ? chance.between(0, this.faults.slowMs * 20)
      : chance.between(0, this.faults.slowMs);
  }

  publish(topic: string, payload: Buffer): BrokerMessage {
    const message = { id: this.messages.length, topic, payload, isAcknowledged: false, isForgotten: false };
    this.messages.push(message);
    const session = this.#someSession();
    session.queue.push(message);
    this.#send(session);
    return message;
  }

  connect(sessionId: number, client: FakeMqttClient): BrokerConnection {
    const session = this.#session(sessionId);
    if (session.connection !== null) this.disconnect(session.connection);
    if (this.sim.chance.hits(this.faults.forgets)) this.#forget(session);
    const connection = new BrokerConnection({ broker: this, session, client });
    session.connection = connection;
    // What was under way goes first, with the ids it had (MQTT 5 §4.4).
    for (const [packetId, message] of session.inFlight) connection.deliver(packetId, message);
    this.#send(session);
    return connection;
  }

  disconnect(connection: BrokerConnection): void {
    connection.close();
    const session = [...this.#sessions.values()].find((one) => one.connection === connection);
    if (session === undefined) return;
    session.connection = null;
    const others = [...this.#sessions.values()].filter((one) => one !== session);
    const [other] = others;
    if (other === undefined || !this.sim.chance.hits(this.faults.passesOn)) return;
    other.queue.push(...session.inFlight.values(), ...session.queue);
    session.inFlight.clear();
    session.queue = [];
    this.#send(other);
  }

  acknowledged(connection: BrokerConnection, packetId: number): void {
    const session = [...this.#sessions.values()].find((one) => one.connection === connection);
    if (session === undefined) return;
    const due = connection.sent.shift();
    if (due !== packetId) {
      return this.sim.violate(
        `packet ${packetId} was acknowledged where ${due ?? 'none'} was next (MQTT-4.6.0)`,
      );
    }
    const message = session.inFlight.get(packetId);
    if (message === undefined) return this.sim.violate(`packet ${packetId} was acknowledged twice`);
    session.inFlight.delete(packetId);
    message.isAcknowledged = true;
    this.#onAcknowledged(message);
    this.#send(session);
  }

  /** What no consumer has acknowledged. */
  outstanding(): BrokerMessage[] {
    return this.messages.filter(({ isAcknowledged, isForgotten }) => !isAcknowledged && !isForgotten);
  }

  #send(session: Session): void {
    const { connection } = session;
    if (connection === null) return;
    const next = () => {
      const hasRoom = connection.isOpen && session.inFlight.size < this.faults.receiveMaximum;
      return hasRoom ? session.queue.shift() : undefined;
    };
    for (let message = next(); message !== undefined; message = next()) {
      let packetId = 1;
      while (session.inFlight.has(packetId)) packetId++;
      session.inFlight.set(packetId, message);
      connection.deliver(packetId, message);
      if (this.sim.chance.hits(this.faults.breaks)) this.disconnect(connection);
    }
  }

  #forget(session: Session): void {
    for (const message of [...session.inFlight.values(), ...session.queue]) message.isForgotten = true;
    session.inFlight.clear();
    session.queue = [];
  }

  #someSession(): Session {
    const sessions = [...this.#sessions.values()];
    const connected = sessions.filter(({ connection }) => connection !== null);
    const [first, ...rest] = connected.length > 0 ? connected : sessions;
    return first === undefined ? this.#session(0) : this.sim.chance.pick([first, ...rest]);
  }

  #session(id: number): Session {
    const known = this.#sessions.get(id);
    if (known !== undefined) return known;
    const session = { id, queue: [], inFlight: new Map<number, BrokerMessage>(), connection: null };
    this.#sessions.set(id, session);
    return session;
  }
}
