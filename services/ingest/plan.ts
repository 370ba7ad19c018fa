import type { Packet } from '#schemas/reading.ts';
import type { Judged } from './accept.ts';
import { emptyColumns, type ReadingColumns } from './copy-rows.ts';
import type { Standing } from './fold.ts';
import { enterPacket, TallyBook, type Tally } from './ledger.ts';
import type { NewestTimes } from './newest-times.ts';

/** A packet that waits for its flush. */
export interface Pending {
  readonly packet: Packet;
  readonly judged: Judged;
}

/** All samples of one key (point, time) that go through staging, in order of arrival. */
export interface StagedKey {
  readonly pointId: number;
  /** Epoch microseconds. */
  readonly timeUs: number;
  readonly samples: Standing[];
  /** Whose books each sample is in. */
  readonly tallies: Tally[];
}

/** How the readings of one flush reach the table (DESIGN §5). */
export interface ReadingPlan {
  /** Newer than everything committed for their point: straight into the table. */
  readonly direct: ReadingColumns;
  /** How many of the direct readings are of each source. */
  readonly directCounts: ReadonlyMap<Tally, number>;
  /** Late, repeated, or with a revision. */
  readonly staged: readonly StagedKey[];
  /** The flush's entries in the ledger; commits and duplicates are added when they are known. */
  readonly book: TallyBook;
}

/**
 * Splits the accepted readings of a flush. Pure, but for the plan that it notes in `newest`.
 * @param options.staged send all of them through staging: a direct reading met an existing key
 */
export function planReadings(
  packets: readonly Pending[],
  newest: NewestTimes,
  options: { staged: boolean },
): ReadingPlan {
  const direct = emptyColumns();
  const directCounts = new Map<Tally, number>();
  const keys = new Map<string, StagedKey>();
  const book = new TallyBook();
  newest.beginPlan();
  for (const { packet, judged } of packets) {
    const tally = book.of(packet.source);
    enterPacket(tally, packet, judged);
    const { pointIds, timesUs, values, qualities, revs } = judged.accepted;
    const before = direct.pointIds.length;
    for (let row = 0; row < pointIds.length; row++) {
      const pointId = pointIds[row] ?? 0;
      const timeUs = timesUs[row] ?? 0;
      const value = values[row] ?? 0;
      const quality = qualities[row] ?? 0;
      const rev = revs?.[row] ?? 0;
      const isNewer = timeUs > newest.withPlanned(pointId);
      if (isNewer) newest.plan(pointId, timeUs);
      if (isNewer && rev === 0 && !options.staged) {
        direct.pointIds.push(pointId);
        direct.timesUs.push(timeUs);
        direct.values.push(value);
        direct.qualities.push(quality);
        continue;
      }
      const name = `${pointId}/${timeUs}`;
      let key = keys.get(name);
      if (key === undefined) {
        key = { pointId, timeUs, samples: [], tallies: [] };
        keys.set(name, key);
      }
      key.samples.push({ value, quality, rev });
      key.tallies.push(tally);
    }
    directCounts.set(tally, (directCounts.get(tally) ?? 0) + direct.pointIds.length - before);
  }
  return { direct, directCounts, staged: [...keys.values()], book };
}

/** How many of a point's readings came after their local day had ended. */
export interface LateArrival {
  readonly pointId: number;
  fromUs: number;
  toUs: number;
  count: number;
}

/** Gathers late arrivals, one entry a point; `todayUs` is the start of the park's current local day. */
export class LateArrivals {
  readonly byPoint = new Map<number, LateArrival>();
  readonly #todayUs: number;

  constructor(todayUs: number) {
    this.#todayUs = todayUs;
  }

  add(pointId: number, timeUs: number): void {
    if (timeUs >= this.#todayUs) return;
    const entry = this.byPoint.get(pointId);
    if (entry === undefined) {
      this.byPoint.set(pointId, { pointId, fromUs: timeUs, toUs: timeUs, count: 1 });
      return;
    }
    entry.fromUs = Math.min(entry.fromUs, timeUs);
    entry.toUs = Math.max(entry.toUs, timeUs);
    entry.count++;
  }
}
