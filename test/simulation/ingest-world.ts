import { deferAcknowledgements, waitingLimits } from '#gateways/mqtt/deferred-ack.ts';
import { createIntake, type Intake } from '#gateways/mqtt/intake.ts';
import { createBus } from '#infra/bus.ts';
import { createHold } from '#infra/embedded-broker/hold.ts';
import type { Clock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { startSequenceKeeper } from '#services/ingest/keeper.ts';
import { prepareSession, type Session } from '#services/ingest/session.ts';
import { startWriter, type Writer } from '#services/ingest/writer.ts';
import { FakeBox } from './fake-box.ts';
import { FakeBroker, FakeMqttClient } from './fake-broker.ts';
import { FakeField } from './fake-field.ts';
import { FakeDatabase, type FakeConnection } from './fake-database.ts';
import { Invariants } from './invariants.ts';
import type { Plant } from './planted.ts';
import { Sim } from './sim.ts';
import { simulatedDirectory, Traffic } from './traffic.ts';

const log = silentLog();
/** The time in which things go wrong, and how long everything may take to come right again. */
const faultyMs = 40_000;
const calmMs = 600_000;
const sliceMs = 5_000;
const mostWaiting = { values: 40, bytes: 64 * 1024 };
const mostValuesOfPacket = 3;

/** A process that takes packets from the broker and commits them: all of it is our code, all around it is fake. */
interface IngestProcess {
  isAlive: boolean;
  readonly client: FakeMqttClient;
  readonly connections: FakeConnection[];
  parts: {
    readonly writer: Writer;
    readonly keeper: AsyncDisposable;
    readonly intake: Intake;
    readonly side: Side;
  } | null;
}

/** One of the two ways in, as far as a stop and the memory are concerned. */
interface Side {
  packets(): number;
  drain(): Promise<void>;
}

/** Devices, a broker, one or two processes, a database and, in half of the worlds, a box with a spool. */
export async function simulateIngest(seed: number, plant: Plant | null): Promise<Sim> {
  const world = new IngestWorld(seed, plant);
  await world.run();
  return world.sim;
}

class IngestWorld {
  readonly sim: Sim;
  readonly #plant: Plant | null;
  readonly #broker: FakeBroker;
  /** Devices at our embedded broker; null where there is a broker between us. */
  readonly #field: FakeField | null;
  readonly #database: FakeDatabase;
  readonly #directory = simulatedDirectory();
  readonly #invariants: Invariants;
  readonly #processes: IngestProcess[] = [];
  readonly #box: FakeBox | null;
  readonly #lanes: number;
  readonly #deaths: number;
  #isFaulty = true;

  constructor(seed: number, plant: Plant | null) {
    this.sim = new Sim(seed);
    this.#plant = plant;
    const { chance } = this.sim;
    const mild = chance.hits(0.2);
    this.#lanes = chance.between(1, 2);
    this.#deaths = mild ? 0 : chance.next() * 0.003;
    this.#invariants = new Invariants(this.sim, () => this.#database.committed);
    this.#database = new FakeDatabase(this.sim, {
      faults: {
        slowMs: chance.between(0, 10),
        breaks: mild ? 0 : chance.next() * 0.02,
        refuses: mild ? 0 : chance.next() * 0.02,
      },
      onCommit: () => this.#invariants.onCommit(),
    });
    this.#broker = new FakeBroker(this.sim, {
      faults: {
        slowMs: chance.between(0, 10),
        breaks: mild ? 0 : chance.next() * 0.05,
        forgets: chance.hits(0.4) ? 0.3 : 0,
        passesOn: chance.hits(0.3) ? 0.5 : 0,
        receiveMaximum: chance.between(1, 20),
      },
      onAcknowledged: (message) => this.#invariants.onAcknowledged(message),
    });
    this.#field = chance.hits(0.3)
      ? new FakeField(this.sim, {
          faults: this.#broker.faults,
          onAcknowledged: (message) => this.#invariants.onAcknowledged(message),
        })
      : null;
    this.#box =
      this.#field === null && chance.hits(0.6)
        ? new FakeBox({
            sim: this.sim,
            broker: this.#broker,
            directory: this.#directory,
            invariants: this.#invariants,
            plant,
          })
        : null;
  }

  async run(): Promise<void> {
    const { chance } = this.sim;
    const uplink = this.#field ?? this.#broker;
    const count = this.#field === null ? chance.between(1, 2) : 1;
    for (let index = 0; index < count; index++) void this.#start(index);
    const traffic = new Traffic(chance, this.#directory);
    const messages = chance.between(20, 60);
    const burstMs = chance.hits(0.3) ? 500 : faultyMs;
    for (let index = 0; index < messages; index++) {
      this.sim.after(chance.between(0, burstMs), () => {
        const content = traffic.next();
        this.#invariants.sent(uplink.publish(content.topic, Buffer.from(content.payload)), content);
      });
    }
    this.#box?.begin(faultyMs);
    this.#rollUp();
    this.sim.onStep = () => this.#step();
    await this.sim.run(faultyMs);
    this.#calm();
    for (let untilMs = faultyMs; untilMs < faultyMs + calmMs && !this.#isAtRest(); untilMs += sliceMs) {
      await this.sim.run(untilMs + sliceMs);
    }
    this.#invariants.atEnd(uplink.messages, this.#box?.durable ?? new Set());
    await this.sim.run(0);
  }

  /** Before every step something may die, and memory is looked at. */
  #step(): void {
    const { chance } = this.sim;
    for (const { parts, isAlive } of this.#processes) {
      if (parts === null || !isAlive) continue;
      const { waitingValues } = parts.writer.status();
      if (waitingValues > mostWaiting.values + mostValuesOfPacket)
        this.sim.violate(`${waitingValues} values wait in memory`);
      if (parts.side.packets() > waitingLimits.packets) this.sim.violate('packets wait without bound');
    }
    if (!this.#isFaulty || !chance.hits(this.#deaths)) return;
    const victim = chance.between(0, 4);
    if (victim === 0) this.#database.crash(chance.between(100, 8_000));
    else if (victim <= 2 && this.#box !== null) this.#box.die(chance.hits(0.7));
    else void this.#stop(chance.between(0, this.#processes.length - 1), chance.hits(0.2));
  }

  #rollUp(): void {
    this.sim.after(this.sim.chance.between(10, 2_000), () => {
      this.#database.rollUp();
      if (this.#isFaulty) this.#rollUp();
    });
  }

  #calm(): void {
    this.#isFaulty = false;
    this.#database.faults = { ...this.#database.faults, breaks: 0, refuses: 0 };
    this.#broker.faults = { ...this.#broker.faults, breaks: 0, forgets: 0, passesOn: 0 };
    if (this.#field !== null) this.#field.faults = { ...this.#field.faults, breaks: 0 };
    this.#box?.calm();
  }

  #isAtRest(): boolean {
    // What was redelivered may still wait in its first copy, too.
    const isIdle = this.#processes.every(({ parts }) => (parts?.intake.counts().waiting ?? 0) === 0);
    return (
      isIdle && (this.#field ?? this.#broker).outstanding().length === 0 && (this.#box?.isAtRest ?? true)
    );
  }

  async #start(index: number): Promise<void> {
    const { chance } = this.sim;
    const process: IngestProcess = { isAlive: true, client: null as never, connections: [], parts: null };
    Object.assign(process, { client: new FakeMqttClient(process) });
    this.#processes[index] = process;
    const clock = this.sim.clockOf(process);
    let writer: Writer;
    try {
      writer = await startWriter({
        db: this.#pool(process),
        databaseUrl: '',
        directory: this.#directory,
        bus: createBus(() => undefined),
        clock,
        log,
        horizonDays: 7,
        timeZone: 'Asia/Shanghai',
        waiting: mostWaiting,
        lanes: this.#lanes,
        connect: ({ name }) => this.#session(process, name),
      });
    } catch {
      if (process.isAlive) this.#replace(index, process);
      return;
    }
    const keeper = startSequenceKeeper({ db: this.#pool(process), clock, log });
    const sink: ReadingSink = this.#plant?.sink?.(writer) ?? writer;
    const intake = createIntake({ source: 'mqtt', parkId: 'demo', sink, clock, log, random: chance.next });
    const side =
      this.#field === null
        ? this.#attachToBroker(index, process, { intake, clock })
        : this.#attachToField(this.#field, process, intake);
    process.parts = { writer, keeper, intake, side };
  }

  /** As gateways/mqtt/external.ts does. */
  #attachToBroker(
    index: number,
    process: IngestProcess,
    { intake, clock }: { intake: Intake; clock: Clock },
  ): Side {
    const client = process.client.asMqttClient();
    const defer = this.#plant?.deferAcknowledgements ?? deferAcknowledgements;
    const acks = defer(this.#plant?.mqttClient?.(client) ?? client, ({ topic, payload, qos }) => {
      const bytes = Buffer.from(payload as Buffer);
      this.#invariants.handOver(topic, bytes);
      return intake.receive({ topic, bytes, unacknowledged: qos === 0 });
    });
    process.client.onClose = () =>
      clock.after(this.sim.chance.between(10, 3_000), () => this.#connect(index, process));
    this.#connect(index, process);
    return { packets: () => acks.status().packets, drain: () => acks.drain() };
  }

  /** As gateways/mqtt/embedded.ts does. */
  #attachToField(field: FakeField, process: IngestProcess, intake: Intake): Side {
    const hold = createHold(({ topic, bytes, qos, will }) => {
      this.#invariants.handOver(topic, bytes);
      return intake.receive({ topic, bytes, unacknowledged: will || qos === 0 });
    }, this.sim.clockOf(process));
    field.attach({ owner: process, hold });
    return {
      packets: () => hold.status().packets,
      drain: () => {
        field.detach(process);
        return intake.drained();
      },
    };
  }

  #connect(index: number, process: IngestProcess): void {
    if (process.isAlive && this.#processes[index] === process && !process.client.connected) {
      process.client.connection = this.#broker.connect(index, process.client);
    }
  }

  /** Dies at once, or stops as a gateway and a writer do when they are told to. */
  async #stop(index: number, isPolite: boolean): Promise<void> {
    const process = this.#processes[index];
    if (process === undefined || !process.isAlive) return;
    const { parts } = process;
    this.#invariants.hasLostHands = true;
    if (isPolite && parts !== null) {
      process.parts = null;
      const clock = this.sim.clockOf(process);
      process.client.onClose = () => undefined;
      await Promise.race([parts.side.drain(), clock.sleep(10_000)]);
      await parts.intake[Symbol.asyncDispose]();
      await parts.writer[Symbol.asyncDispose]();
      await parts.keeper[Symbol.asyncDispose]();
      if (!process.isAlive) return;
    }
    this.#replace(index, process);
  }

  #replace(index: number, process: IngestProcess): void {
    process.isAlive = false;
    this.#field?.detach(process);
    process.client.onClose = () => undefined;
    const { connection } = process.client;
    if (connection !== null)
      this.sim.after(this.sim.chance.between(0, 500), () => this.#broker.disconnect(connection));
    for (const session of process.connections) session.destroy();
    this.sim.after(this.sim.chance.between(10, 4_000), () => void this.#start(index));
  }

  async #session(process: IngestProcess, name: string): Promise<Session> {
    const connection = await this.#connection(process, name);
    await prepareSession(connection.client, name);
    return {
      client: connection.client,
      get alive() {
        return connection.isAlive;
      },
      destroy: () => connection.destroy(),
      close: () => Promise.resolve(connection.destroy()),
    };
  }

  async #connection(process: IngestProcess, name: string): Promise<FakeConnection> {
    const intercept = this.#plant?.statement ?? ((_statement, run) => run());
    const connection = await this.#database.connect(name, process, intercept);
    process.connections.push(connection);
    return connection;
  }

  #pool(process: IngestProcess): Database {
    const query = async (text: string, values?: unknown[]) => {
      const connection = await this.#connection(process, 'pool');
      return connection.client.query(text, values);
    };
    const connect = async () => {
      const connection = await this.#connection(process, 'pool');
      return Object.assign(connection.client, { release: () => connection.destroy() });
    };
    return { query, connect } as unknown as Database;
  }
}
