import { Histogram } from './histogram.ts';
import { packetForm, type PacketForm } from './packets.ts';
import type { LoadCommand, LoadFigures, LoadSettings } from './load.ts';
import { Sender } from './sender.ts';

/** The load generator, a process of its own: told what to do over its parent's channel. */

const tickMs = 2;
/** Bytes of one write. */
const writeBytes = 64 * 1024;
/** Packets of a connection whose times are remembered, so that they can be sent again. */
const remembered = 2 ** 18;

/** What one connection sends: the packets of its own devices, round after round, so that none overtakes another. */
class Line {
  readonly sender: Sender;
  readonly #first: number;
  readonly #step: number;
  readonly #devices: number;
  readonly #times = new Float64Array(remembered);
  /** Packets made, repeats apart. */
  #made = 0;
  #replayed = 0;
  #repeatsDue = 0;

  constructor(sender: Sender, place: { index: number; lines: number; devices: number }) {
    this.sender = sender;
    this.#first = place.index;
    this.#step = place.lines;
    this.#devices = Math.ceil((place.devices - place.index) / place.lines);
  }

  /** The packet that goes next: a new one, or one that was sent before. */
  next(repeats: number, isReplay: boolean): { device: number; round: number; timeMs: number } {
    if (isReplay) {
      const oldest = Math.max(0, this.#made - remembered);
      return this.#packet(oldest + (this.#replayed++ % (this.#made - oldest)));
    }
    this.#repeatsDue += repeats;
    if (this.#repeatsDue >= 1 && this.#made > this.#devices) {
      this.#repeatsDue--;
      return this.#packet(this.#made - 1 - Math.floor(this.#devices / 2));
    }
    const number = this.#made++;
    const before = number < this.#devices ? 0 : (this.#times[(number - this.#devices) % remembered] ?? 0);
    this.#times[number % remembered] = Math.max(Date.now(), before + 1);
    return this.#packet(number);
  }

  #packet(number: number): { device: number; round: number; timeMs: number } {
    return {
      device: this.#first + (number % this.#devices) * this.#step,
      round: Math.floor(number / this.#devices),
      timeMs: this.#times[number % remembered] ?? 0,
    };
  }
}

class Generator {
  readonly #form: PacketForm;
  readonly #lines: readonly Line[];
  readonly #latency: Histogram;
  readonly #acked: { count: number };
  #sent = 0;
  #skipped = 0;
  #rate: number | null = 0;
  #startedMs = 0;
  #sinceStart = 0;
  #repeats = 0;
  #isReplay = false;
  #mostOwed = Infinity;
  #nextLine = 0;

  constructor(
    settings: LoadSettings,
    parts: { senders: readonly Sender[]; latency: Histogram; acked: { count: number } },
  ) {
    const { devices } = settings;
    this.#form = packetForm(settings.parkId, devices, settings.values);
    const lines = parts.senders.length;
    this.#lines = parts.senders.map((sender, index) => new Line(sender, { index, lines, devices }));
    this.#latency = parts.latency;
    this.#acked = parts.acked;
    setInterval(() => this.#tick(), tickMs);
  }

  handle(command: LoadCommand): LoadFigures {
    if (command.kind === 'run') {
      this.#rate = command.packetsPerS;
      this.#repeats = command.repeats ?? 0;
      this.#isReplay = command.replay ?? false;
      this.#mostOwed = command.mostOwed ?? Infinity;
      this.#startedMs = performance.now();
      this.#sinceStart = 0;
    }
    const figures = this.#figures();
    if (command.kind === 'run' || command.kind === 'figures-and-clear') this.#latency.clear();
    return figures;
  }

  #figures(): LoadFigures {
    return {
      sentPackets: this.#sent,
      ackedPackets: this.#acked.count,
      inFlight: this.#lines.reduce((sum, { sender }) => sum + sender.inFlight, 0),
      owed: this.#owed(performance.now()),
      skipped: this.#skipped,
      cpuMs: cpuMs(),
      atMs: performance.now(),
      latencyMs: this.#latency.percentiles(),
    };
  }

  /** Packets that are due and not sent; 0 when the generator only keeps the windows full. */
  #owed(nowMs: number): number {
    if (this.#rate === null) return 0;
    return Math.max(0, Math.floor(((nowMs - this.#startedMs) / 1000) * this.#rate) - this.#sinceStart);
  }

  #tick(): void {
    const nowMs = performance.now();
    let owed = this.#rate === null ? Infinity : this.#owed(nowMs);
    if (owed > this.#mostOwed) {
      // What falls behind by more is never sent: a field that is slowed down, not one that remembers for ever.
      this.#skipped += owed - this.#mostOwed;
      this.#sinceStart += owed - this.#mostOwed;
      owed = this.#mostOwed;
    }
    const lines = this.#lines.length;
    for (let turn = 0; turn < lines && owed > 0; turn++) {
      const line = this.#lines[this.#nextLine++ % lines];
      const most = Math.ceil(owed / (lines - turn));
      owed -= line === undefined ? 0 : this.#send(line, most, nowMs);
    }
  }

  #send(line: Line, most: number, nowMs: number): number {
    const { sender } = line;
    const perWrite = Math.max(1, Math.floor(writeBytes / this.#form.bytes));
    let sent = 0;
    while (sent < most && sender.room > 0) {
      const packets = Math.min(perWrite, most - sent, sender.room);
      const bytes = Buffer.allocUnsafe(packets * this.#form.bytes);
      for (let place = 0; place < packets; place++) this.#write(bytes, place * this.#form.bytes, line, nowMs);
      sender.write(bytes);
      sent += packets;
    }
    return sent;
  }

  #write(into: Buffer, at: number, line: Line, nowMs: number): void {
    const dueMs =
      this.#rate === null ? nowMs : this.#startedMs + (this.#sinceStart * 1000) / Math.max(this.#rate, 1);
    const id = line.sender.nextId(dueMs);
    this.#form.write(into, at, { ...line.next(this.#repeats, this.#isReplay), id });
    this.#sent++;
    this.#sinceStart++;
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function begin(settings: LoadSettings): Promise<Generator> {
  const latency = new Histogram();
  const acked = { count: 0 };
  const onAck = (dueMs: number) => {
    acked.count++;
    latency.add(performance.now() - dueMs);
  };
  // A connection without a device of its own has nothing to send.
  const connections = Math.min(settings.connections, settings.devices);
  const senders = await Promise.all(
    Array.from({ length: connections }, (_, index) =>
      Sender.open({
        port: settings.port,
        clientId: `${settings.name}-${index}`,
        window: settings.window,
        onAck,
      }),
    ),
  );
  return new Generator(settings, { senders, latency, acked });
}

let generator: Promise<Generator> | undefined;
process.on('message', (message: LoadSettings | LoadCommand) => {
  void (async () => {
    if (message.kind === 'open') generator = begin(message);
    const running = await generator;
    process.send?.(running?.handle(message.kind === 'open' ? { kind: 'figures' } : message));
  })();
});
process.on('disconnect', () => process.exit());
