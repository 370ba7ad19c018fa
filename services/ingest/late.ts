import type { LocalCalendar } from '#schemas/local-time.ts';
import { say } from '#schemas/phrases.ts';
import type { Packet } from '#schemas/reading.ts';
import { localDay, type LocalDay } from '#services/rollup/local-day.ts';
import { rejectionOf, type RejectionEntry } from './books.ts';
import { fold, sameStand, type Stand, type Standing } from './fold.ts';
import { countRejected, type Tally, type TallyBook } from './ledger.ts';
import type { Pending, StagedKey } from './plan.ts';
import type { Change, Journalled, ReadingKey } from './store.ts';

/**
 * What becomes of values older than the horizon (DESIGN §5). Where the local day of their point has received nothing,
 * nothing can be doubled: they are stored, in a table of their own. Where it was received, a counter's sample is weighed
 * against the knots, and everything else is refused. Pure.
 */

/** All late values of one key, in order of arrival. */
export interface LateKey extends StagedKey {
  readonly isCounter: boolean;
  readonly day: LocalDay;
  readonly senders: { readonly packet: Packet; readonly metric: string }[];
}

/** Gathers the late values of a flush; they wait in the book from now on like all that were received. */
export function planLate(packets: readonly Pending[], book: TallyBook, calendar: LocalCalendar): LateKey[] {
  const keys = new Map<string, LateKey>();
  let day: LocalDay | null = null;
  for (const { packet, judged } of packets) {
    for (const { pointId, timeUs, metric, isCounter, value, quality, rev } of judged.late) {
      const timeMs = timeUs / 1000;
      if (day === null || timeMs < day.fromMs || timeMs >= day.toMs) {
        day = localDay(calendar, calendar.dayOf(timeMs));
      }
      const name = `${pointId}/${timeUs}`;
      const key = keys.get(name) ?? {
        pointId,
        timeUs,
        isCounter,
        day,
        samples: [],
        tallies: [],
        senders: [],
      };
      keys.set(name, key);
      key.samples.push({ value, quality, rev });
      key.tallies.push(book.of(packet.source));
      key.senders.push({ packet, metric });
    }
  }
  return [...keys.values()];
}

/** What the store knows of a late key. */
export interface LateAnswer {
  /** Whether its day has late readings only, so far. */
  readonly isOpen: boolean;
  /** Whether anything else is known of the day. */
  readonly isReceived: boolean;
  /** What stands under the key, wherever it does. */
  readonly standing: Standing | null;
  readonly superseded: readonly Stand[];
}

/** A reading by its key. */
export type LateReading = ReadingKey & Stand;

export type LateOutcome = 'stored' | 'register' | 'refused';

/** A line of the late book. */
export interface LateEntry {
  readonly source: string;
  readonly deviceId: string;
  readonly outcome: LateOutcome;
  readonly metrics: Set<string>;
  fromUs: number;
  toUs: number;
  count: number;
}

/** What is to be written of the late values of a flush. */
export interface SettledLate {
  /** Days that get their first readings. */
  readonly opened: readonly { readonly pointId: number; readonly day: LocalDay }[];
  readonly stored: readonly LateReading[];
  readonly changes: readonly Change[];
  readonly corrections: readonly Journalled[];
  readonly revisions: readonly (ReadingKey & { rev: number })[];
  /** Samples of counters for the knots. */
  readonly registers: readonly LateReading[];
  readonly rejections: readonly RejectionEntry[];
  readonly entries: readonly LateEntry[];
}

class Settling {
  readonly opened = new Map<string, { pointId: number; day: LocalDay }>();
  readonly stored: LateReading[] = [];
  readonly changes: Change[] = [];
  readonly corrections: Journalled[] = [];
  readonly revisions: (ReadingKey & { rev: number })[] = [];
  readonly registers: LateReading[] = [];
  readonly refused = new Map<Packet, { metrics: Set<string>; count: number; timeUs: number }>();
  readonly entries = new Map<string, LateEntry>();

  /** Into the day's own table, by the rules of every reading. */
  store(key: LateKey, answer: LateAnswer): void {
    const { pointId, timeUs, samples } = key;
    if (!answer.isOpen) this.opened.set(`${pointId}/${key.day.day}`, { pointId, day: key.day });
    const before = answer.standing;
    const { stands, outcomes, corrections } = fold(before, answer.superseded, samples);
    for (const correction of corrections) this.corrections.push({ ...correction, pointId, timeUs });
    if (before === null) this.stored.push({ pointId, timeUs, value: stands.value, quality: stands.quality });
    else if (corrections.length > 0) this.changes.push({ pointId, timeUs, old: before, new: stands });
    if (stands.rev > (before?.rev ?? 0)) this.revisions.push({ pointId, timeUs, rev: stands.rev });
    for (const [index, outcome] of outcomes.entries()) {
      const tally = key.tallies[index];
      if (tally === undefined) continue;
      if (outcome === 'duplicate') {
        tally.valuesDuplicate++;
        continue;
      }
      tally.valuesCommitted++;
      if (outcome === 'corrected') tally.valuesCorrected++;
      this.note(key, index, 'stored');
    }
  }

  /** The day is not written any more: what stands there is a repeat, a counter may add a sample, else it is refused. */
  weigh(key: LateKey, answer: LateAnswer): void {
    let { standing }: { standing: Stand | null } = answer;
    for (const [index, sample] of key.samples.entries()) {
      const tally = key.tallies[index];
      if (tally === undefined) continue;
      const isKnown = [standing, ...answer.superseded].some((one) => one !== null && sameStand(one, sample));
      if (isKnown) {
        tally.valuesDuplicate++;
      } else if (standing === null && key.isCounter && sample.quality < 2) {
        standing = sample;
        const { value, quality } = sample;
        this.registers.push({ pointId: key.pointId, timeUs: key.timeUs, value, quality });
        tally.valuesCommitted++;
        this.note(key, index, 'register');
      } else this.refuse(key, index, tally);
    }
  }

  refuse(key: LateKey, index: number, tally: Tally): void {
    const sender = key.senders[index];
    countRejected(tally, 'older-than-horizon', 1);
    this.note(key, index, 'refused');
    if (sender === undefined) return;
    const known = this.refused.get(sender.packet);
    const refused = known ?? { metrics: new Set<string>(), count: 0, timeUs: key.timeUs };
    this.refused.set(sender.packet, refused);
    refused.metrics.add(sender.metric);
    refused.count++;
  }

  note({ timeUs, senders }: LateKey, index: number, outcome: LateOutcome): void {
    const sender = senders[index];
    if (sender === undefined) return;
    const { source, deviceId } = sender.packet;
    const name = JSON.stringify([source, deviceId, outcome]);
    let entry = this.entries.get(name);
    if (entry === undefined) {
      const of = { source, deviceId: deviceId ?? '', outcome, metrics: new Set<string>() };
      entry = { ...of, fromUs: timeUs, toUs: timeUs, count: 0 };
      this.entries.set(name, entry);
    }
    entry.metrics.add(sender.metric);
    entry.fromUs = Math.min(entry.fromUs, timeUs);
    entry.toUs = Math.max(entry.toUs, timeUs);
    entry.count++;
  }
}

/**
 * Decides the late values of a flush, and enters in the ledger what became of them.
 * @param answers by the key's place
 */
export function settleLate(keys: readonly LateKey[], answers: ReadonlyMap<number, LateAnswer>): SettledLate {
  const settling = new Settling();
  for (const [ord, key] of keys.entries()) {
    const answer = answers.get(ord);
    if (answer === undefined) throw new Error('The store answers every late key');
    if (answer.isOpen || !answer.isReceived) settling.store(key, answer);
    else settling.weigh(key, answer);
  }
  const rejections = [...settling.refused].map(([packet, { metrics, count, timeUs }]) =>
    rejectionOf(packet, {
      reason: 'older-than-horizon',
      detail: say('time-day-closed', { time: new Date(timeUs / 1000).toISOString() }),
      valueCount: count,
      metrics: [...metrics],
    }),
  );
  const { opened, entries, ...rest } = settling;
  return { ...rest, opened: [...opened.values()], entries: [...entries.values()], rejections };
}
