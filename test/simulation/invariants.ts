import type { BrokerMessage } from './fake-broker.ts';
import { cellsOf, isDirty, type Committed } from './fake-store.ts';
import type { Sim } from './sim.ts';
import type { SentMessage, SentValue } from './traffic.ts';

/** What must be true of the store, checked with every commit, every acknowledgement, and at the end. */
export class Invariants {
  readonly #sim: Sim;
  readonly #committed: () => Committed;
  readonly #sent = new Map<number, SentMessage>();
  #checkedCorrections = 0;
  /** Packets that were handed to a process, and each `device/number` among them with how often. */
  #handedOver = 0;
  readonly #handedNumbers = new Map<string, number>();
  /** A process has died or stopped with packets in its hands, which the ledger then never hears of. */
  hasLostHands = false;

  constructor(sim: Sim, committed: () => Committed) {
    this.#sim = sim;
    this.#committed = committed;
  }

  sent(message: BrokerMessage, content: SentMessage): void {
    this.#sent.set(message.id, content);
  }

  handOver(topic: string, bytes: Uint8Array): void {
    this.#handedOver++;
    for (const number of numbersOf(topic, bytes)) {
      this.#handedNumbers.set(number, (this.#handedNumbers.get(number) ?? 0) + 1);
    }
  }

  /** Every commit leaves the ledger and the rows saying the same, and no value stands again that was replaced. */
  onCommit(): void {
    const { readings, corrections } = this.#committed();
    const committed = this.#sum('valuesCommitted');
    const corrected = this.#sum('valuesCorrected');
    if (committed - corrected !== readings.size) {
      this.#sim.violate(
        `the ledger counts ${committed - corrected} new values, the store holds ${readings.size}`,
      );
    }
    if (corrected !== corrections.length) {
      this.#sim.violate(
        `the ledger counts ${corrected} corrections, the journal holds ${corrections.length}`,
      );
    }
    const { derived, dirty } = this.#committed();
    for (const [cell, content] of cellsOf(readings)) {
      if (derived.get(cell) !== content && !isDirty(dirty, cell)) {
        this.#sim.violate(`bucket ${cell} is behind its readings, and no journal says so`);
      }
    }
    this.#checkNumbers();
    for (; this.#checkedCorrections < corrections.length; this.#checkedCorrections++) {
      const change = corrections[this.#checkedCorrections];
      if (change === undefined) break;
      const before = corrections.slice(0, this.#checkedCorrections).filter(({ key }) => key === change.key);
      const standingRev = Math.max(0, ...before.map(({ rev }) => rev));
      const returns = before.some(
        ({ old }) => old.value === change.new.value && old.quality === change.new.quality,
      );
      if (returns && change.rev <= standingRev) {
        this.#sim.violate(`${change.key} stands at ${change.new.value} again, which had been replaced`);
      }
    }
  }

  /** No number is heard more often than it was handed over, and folding neither loses one nor doubles one. */
  #checkNumbers(): void {
    const { numbers, sequences, heard } = this.#committed();
    for (const [number, times] of numbers) {
      const handed = this.#handedNumbers.get(number) ?? 0;
      if (times > handed) this.#sim.violate(`number ${number} was heard ${times} times of ${handed}`);
    }
    const waiting = [...heard.values()].flatMap(({ devices }) => devices.split(','));
    for (const [deviceId, { runs, repeats, restarts, gaps }] of sequences) {
      // Of more runs than two only the figures are kept.
      if (restarts > 1 || gaps > 0) continue;
      const seen = runs.flatMap(({ ranges }) => ranges).reduce((sum, { from, to }) => sum + to - from + 1, 0);
      const ofDevice = [...numbers].filter(([number]) => number.startsWith(`${deviceId}/`));
      const expected =
        ofDevice.reduce((sum, [, times]) => sum + times, 0) - waiting.filter((id) => id === deviceId).length;
      if (seen + repeats !== expected) {
        this.#sim.violate(`${seen} numbers and ${repeats} repeats of ${deviceId} are known, not ${expected}`);
      }
    }
  }

  /** What we acknowledge is durable at that moment. */
  onAcknowledged(message: BrokerMessage): void {
    const content = this.#sent.get(message.id);
    if (content === undefined) return;
    const fault = this.#missing(content) ?? this.#unheard(message);
    if (fault !== null) this.#sim.violate(`message ${message.id} was acknowledged, but ${fault}`);
  }

  /** @param messages everything the broker ever took */
  atEnd(messages: readonly BrokerMessage[], durableInSpool: ReadonlySet<string>): void {
    for (const message of messages) {
      if (message.isForgotten) continue;
      if (!message.isAcknowledged)
        return this.#sim.violate(
          `message ${message.id} was never acknowledged: ${message.payload.toString()}`,
        );
      this.onAcknowledged(message);
    }
    this.#checkLedger();
    this.#checkRows(messages, durableInSpool);
  }

  #checkLedger(): void {
    const { rejected } = this.#committed();
    const rejectedValues = rejected.values().reduce((sum, count) => sum + count, 0);
    const accepted = this.#sum('valuesReceived') - rejectedValues - this.#sum('valuesUndiscovered');
    const settled = this.#sum('valuesCommitted') + this.#sum('valuesDuplicate');
    const booked = this.#sum('packetsReceived');
    if (booked > this.#handedOver || (booked < this.#handedOver && !this.hasLostHands)) {
      this.#sim.violate(`${this.#handedOver} packets were handed over, the ledger counts ${booked}`);
    }
    if (accepted !== settled)
      this.#sim.violate(`${accepted} values were accepted, ${settled} are committed or duplicate`);
  }

  /** Every row is a value that was sent; every value that the box answered for is a row, unless the broker forgot it. */
  #checkRows(messages: readonly BrokerMessage[], durableInSpool: ReadonlySet<string>): void {
    const { readings } = this.#committed();
    const values = Map.groupBy(
      [...this.#sent.values()].flatMap((content) => content.values),
      ({ key }) => key,
    );
    for (const [key, row] of readings) {
      const ofKey = values.get(key) ?? [];
      if (!ofKey.some(({ value, rev }) => value === row.value && rev <= row.rev)) {
        this.#sim.violate(`${key} holds ${row.value}, which nobody sent`);
      }
    }
    const forgotten = new Set(
      messages
        .filter(({ isForgotten }) => isForgotten)
        .flatMap(({ id }) => this.#sent.get(id)?.values.map(({ key }) => key) ?? []),
    );
    for (const key of durableInSpool) {
      if (!readings.has(key) && !forgotten.has(key))
        this.#sim.violate(`${key} was taken by the spool and is lost`);
    }
  }

  #unheard({ topic, payload }: BrokerMessage): string | null {
    const { numbers } = this.#committed();
    const unheard = numbersOf(topic, payload).find((number) => !numbers.has(number));
    return unheard === undefined ? null : `its number ${unheard} was not heard`;
  }

  #missing(content: SentMessage): string | null {
    const { rejections, discoveries, events } = this.#committed();
    if (content.book === 'rejections' && !rejections.includes(content.payload))
      return 'is in no rejection book';
    if (content.book === 'discoveries' && !discoveries.includes(content.payload)) return 'is in no discovery';
    if (content.book === 'events' && events.size === 0) return 'its event is not stored';
    const lost = content.values.find((value) => !this.#isKept(value));
    return lost === undefined ? null : `${lost.key} = ${lost.value} is not in the store`;
  }

  /** Standing, replaced and in the journal, or outdone by a revision that came before it. */
  #isKept({ key, value, quality, rev }: SentValue): boolean {
    const { readings, corrections } = this.#committed();
    const row = readings.get(key);
    if (row === undefined) return false;
    if ((row.value === value && row.quality === quality) || row.rev > rev) return true;
    return corrections.some(
      ({ key: of, old }) => of === key && old.value === value && old.quality === quality,
    );
  }

  #sum(figure: string): number {
    return this.#committed()
      .ledger.values()
      .reduce((sum, row) => sum + (row[figure] ?? 0), 0);
  }
}

/** The numbers of a telemetry packet of a device of the park, as `device/number`. */
function numbersOf(topic: string, bytes: Uint8Array): string[] {
  const [, , , deviceId = '', leaf] = topic.split('/');
  if (leaf !== 'telemetry' || deviceId === 'stranger') return [];
  try {
    const messages = [JSON.parse(Buffer.from(bytes).toString())].flat() as { seq?: number }[];
    return messages.flatMap(({ seq }) => (seq === undefined ? [] : [`${deviceId}/${seq}`]));
  } catch {
    return [];
  }
}
