import { startPending } from '#gateways/opcua/pending.ts';
import { silentLog } from '#infra/log.ts';
import type { Packet, ReadingSink } from '#schemas/reading.ts';
import type { NativeMessage } from '#services/spool/record.ts';
import type { SpoolPublisher } from '#services/spool/shipper.ts';
import { startSpool, type Spool } from '#services/spool/spool.ts';
import type { FakeDirectory } from '#test/kit/directory.ts';
import type { FakeBroker } from './fake-broker.ts';
import { FakeDisk } from './fake-files.ts';
import type { Invariants } from './invariants.ts';
import type { Plant } from './planted.ts';
import { startMs, type Sim } from './sim.ts';

const log = silentLog();
/** So small that it is full at times and has many segments. */
const limitBytes = 6 * 1024;

interface BoxOptions {
  readonly sim: Sim;
  readonly broker: FakeBroker;
  readonly directory: FakeDirectory;
  readonly invariants: Invariants;
  readonly plant: Plant | null;
}

/** A box in the field: our spool and our waiting line of the OPC UA gateway, on a disk and a line that are fake. */
export class FakeBox {
  /** Keys that the spool has answered for. */
  readonly durable = new Set<string>();
  readonly #o: BoxOptions;
  readonly #disk: FakeDisk;
  #process = { isAlive: false };
  #offer: (packet: Packet) => void = () => undefined;
  #spool: Spool | null = null;
  #breaks = 0.03;
  #number = 0;

  constructor(options: BoxOptions) {
    this.#o = options;
    this.#disk = new FakeDisk(options.sim, options.sim.chance.next() * 0.02);
  }

  begin(forMs: number): void {
    const { sim } = this.#o;
    void this.#start();
    const readings = sim.chance.between(5, 40);
    for (let index = 0; index < readings; index++) {
      sim.after(sim.chance.between(0, forMs), () => this.#offer(this.#packet()));
    }
  }

  calm(): void {
    this.#breaks = 0;
    this.#disk.failures = 0;
    if (!this.#process.isAlive) void this.#start();
  }

  get isAtRest(): boolean {
    return this.#spool?.status().usedBytes === 0;
  }

  /** Killed, or without power: then the disk forgets what it had not made durable. */
  die(isPowerCut: boolean): void {
    const { sim } = this.#o;
    if (!this.#process.isAlive) return;
    this.#process.isAlive = false;
    this.#offer = () => undefined;
    if (isPowerCut) this.#disk.loseUnsynced();
    sim.after(sim.chance.between(10, 5_000), () => {
      if (!this.#process.isAlive) void this.#start();
    });
  }

  async #start(): Promise<void> {
    const { sim, plant } = this.#o;
    const process = { isAlive: true };
    this.#process = process;
    const clock = sim.clockOf(process);
    const files = this.#disk.openFor(process);
    try {
      const spool = await startSpool({
        files: plant?.files?.(files) ?? files,
        publisher: this.#publisher(process),
        parkId: 'demo',
        clock,
        log,
        limitBytes,
      });
      this.#spool = spool;
      const taken = plant?.spool?.(spool) ?? spool;
      const sink: ReadingSink = {
        write: async (packet) => {
          await taken.write(packet);
          for (const key of this.#keysOf(packet)) this.durable.add(key);
        },
      };
      const pending = startPending({ sink, clock, log });
      this.#offer = (packet) => pending.push(packet);
    } catch {
      this.die(false);
    }
  }

  #packet(): Packet {
    const { sim } = this.#o;
    const timeMs = startMs - 1_800_000 + this.#number++ * 100;
    const metrics = ['power', 'energy', 'level'].slice(0, sim.chance.between(1, 3));
    const samples = metrics.map((metric) => ({
      metric,
      timeMs,
      value: sim.chance.between(0, 1_000),
      quality: 'good' as const,
      rev: 0,
      untimed: false,
    }));
    return {
      source: 'opcua-plant',
      address: '',
      deviceId: 'tank-1',
      receivedAtMs: sim.nowMs,
      bytes: Buffer.of(),
      unacknowledged: false,
      content: { kind: 'telemetry', samples, rejected: [], sequence: [] },
    };
  }

  #keysOf({ content }: Packet): string[] {
    if (content.kind !== 'telemetry') return [];
    return content.samples.map(({ metric, timeMs }) => this.#key(metric, timeMs));
  }

  #key(metric: string, timeMs: number): string {
    return `${this.#o.directory.find('tank-1', metric)?.pointId ?? 0}/${timeMs * 1000}`;
  }

  /** mqtt.js as the spool sees it: in order, sent again after a break, refused at times. */
  #publisher(process: { readonly isAlive: boolean }): SpoolPublisher {
    const { sim } = this.#o;
    const outgoing: { message: NativeMessage; resolve: () => void; reject: (error: Error) => void }[] = [];
    let isSending = false;
    const send = () => {
      const [one] = outgoing;
      if (one === undefined || !process.isAlive || isSending) return;
      isSending = true;
      sim.after(sim.chance.between(0, 20), () => {
        isSending = false;
        if (!process.isAlive) return;
        if (sim.chance.hits(this.#breaks)) return void sim.after(sim.chance.between(10, 2_000), send);
        if (sim.chance.hits(this.#breaks)) {
          outgoing.shift();
          one.reject(new Error('not authorized'));
          return send();
        }
        this.#publish(one.message);
        // The acknowledgement is lost with the line: the message is sent again.
        if (sim.chance.hits(this.#breaks)) return void sim.after(sim.chance.between(10, 2_000), send);
        outgoing.shift();
        sim.after(sim.chance.between(0, 20), () => process.isAlive && one.resolve());
        send();
      });
    };
    const publisher: SpoolPublisher = {
      window: 8,
      publish: (message) =>
        new Promise((resolve, reject) => {
          outgoing.push({ message, resolve, reject });
          send();
        }),
    };
    return this.#o.plant?.publisher?.(publisher) ?? publisher;
  }

  #publish({ topic, payload }: NativeMessage): void {
    const { broker, invariants } = this.#o;
    const text = Buffer.from(payload).toString();
    const messages = JSON.parse(text) as { ts: number; values: Record<string, number> }[];
    const values = messages.flatMap(({ ts, values: some }) =>
      Object.entries(some).map(([metric, value]) => ({
        key: this.#key(metric, ts),
        value,
        quality: 0,
        rev: 0,
      })),
    );
    invariants.sent(broker.publish(topic, Buffer.from(text)), { topic, payload: text, values, book: 'none' });
  }
}
