import type { Queryable } from '#infra/postgres.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import { ParkError } from '#schemas/errors.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { localCalendar, type DaySegment } from '#schemas/local-time.ts';
import { readExclusions, readServiceRows, readWatched } from './facts-store.ts';
import { readHeldSeconds } from './place-store.ts';
import type { DayFacts, Derivation, DeviceFacts, Facts, ServiceSpan } from './measure.ts';

/** What a measure is asked for; instants in epoch milliseconds, `fromMs < toMs <= asOfMs`. */
export interface CollectRequest {
  readonly fromMs: number;
  readonly toMs: number;
  /** The park at this instant as it is known today; nothing after it is seen. */
  readonly asOfMs: number;
  readonly timeZone: string;
  /** The rubric whose items are measured: claims belong to one. */
  readonly rubricId?: string;
  /** What this run has asked the store, by what was asked; absent: nothing is kept. */
  readonly memory?: Map<string, Promise<unknown>>;
}

/** Asks the store, or answers what it answered this run before: all measures of a run read one snapshot. */
export function remembered<T>(
  { memory }: CollectRequest,
  question: string,
  ask: () => Promise<T>,
): Promise<T> {
  const known = memory?.get(question);
  if (known !== undefined) return known as Promise<T>;
  const answer = ask();
  memory?.set(question, answer);
  return answer;
}

/** The half of a measure that asks the store. */
export interface Collector {
  readonly id: string;
  /** Facts are collected for each item apart, by its own parameters; else once for all items of the measure. */
  readonly perItem?: boolean;
  readonly collect: (db: Queryable, request: CollectRequest, item: RubricItem) => Promise<Facts>;
}

/** What the collector answers, asked once a run where its answer is the same whatever item asks. */
export function collectOnce(
  db: Queryable,
  request: CollectRequest,
  { collector, item }: { readonly collector: Collector; readonly item: RubricItem },
): Promise<Facts> {
  const ask = () => collector.collect(db, request, item);
  return collector.perItem === true ? ask() : remembered(request, `facts ${collector.id}`, ask);
}

/** More devices than this in one population are refused rather than cut in silence. */
export const mostServiceRows = 50_000;

export const iso = (timeMs: number): string => new Date(timeMs).toISOString();

/** The head of every facts file. */
export function factsHead({ id, version }: Derivation, request: CollectRequest): Facts {
  const { fromMs, toMs, asOfMs, timeZone } = request;
  return { measure: id, version, from: iso(fromMs), to: iso(toMs), asOf: iso(asOfMs), timeZone };
}

/** The local days of the period, cut to it. */
export function localDays({ fromMs, toMs, timeZone }: CollectRequest): DaySegment[] {
  return localCalendar(timeZone).segments(fromMs, toMs);
}

/** The days as facts, with whether anybody watched. */
export async function collectDays(db: Queryable, days: readonly DaySegment[]): Promise<DayFacts[]> {
  const watched = await readWatched(db, days);
  return days.map(({ day, fromMs, toMs }, index) => {
    return { day, from: iso(fromMs), to: iso(toMs), watched: watched[index] === true };
  });
}

/** Seconds of the period in which alarms of each device were held, by device. */
export function collectHeld(db: Queryable, request: CollectRequest): Promise<Map<string, number>> {
  return remembered(request, 'held', () => readHeldSeconds(db, request));
}

/** Devices that people left out of a measure, or of an item, with the reason; asked once a run. */
export async function leftOutOf(
  db: Queryable,
  request: CollectRequest,
  name: string,
): Promise<ReadonlyMap<string, Bilingual>> {
  const all = await remembered(request, 'left out', () => readExclusions(db, request));
  return all.get(name) ?? new Map();
}

/**
 * Devices of the classes that were in service at some time of the period, in order of id.
 * @throws ParkError `too-many-values` above what one measure may look at
 */
export async function collectPopulation(
  db: Queryable,
  measure: string,
  request: CollectRequest & { readonly classes: readonly string[] },
): Promise<DeviceFacts[]> {
  const rows = await remembered(request, `served ${request.classes.join()}`, () =>
    readServiceRows(db, { ...request, limit: mostServiceRows + 1 }),
  );
  if (rows.length > mostServiceRows) {
    throw new ParkError('too-many-values', `${measure} would look at more than ${mostServiceRows} devices`);
  }
  const exclusions = await leftOutOf(db, request, measure);
  const held = await collectHeld(db, request);
  const byDevice = Map.groupBy(rows, (row) => row.deviceId);
  return [...byDevice].flatMap(([deviceId, own]) => {
    const within = own.filter((row) => (row.toMs ?? Infinity) > request.fromMs);
    const newest = within.at(-1);
    if (newest === undefined) return [];
    const foreign = within.find(({ provenance }) => provenance !== 'field');
    return {
      deviceId,
      name: newest.name,
      class: newest.class,
      provenance: foreign?.provenance ?? 'field',
      service: mergeSpans(own, request.asOfMs).filter(
        (span) => span.to === null || Date.parse(span.to) > request.fromMs,
      ),
      exclusion: exclusions.get(deviceId) ?? null,
      heldS: held.get(deviceId) ?? 0,
    };
  });
}

/** The devices in service at the end of the period, with the time in service that lasts until then. */
export function standingAtEnd<T extends DeviceFacts>(devices: readonly T[], { toMs }: CollectRequest): T[] {
  return devices.flatMap((device) => {
    const service = device.service.filter(
      ({ from, to }) => Date.parse(from) < toMs && (to === null || Date.parse(to) >= toMs),
    );
    return service.length === 0 ? [] : [{ ...device, service }];
  });
}

/** Rows that touch are one time in service: a renamed device was never out of it. */
export function mergeSpans(
  rows: readonly { readonly fromMs: number; readonly toMs: number | null }[],
  asOfMs: number,
): ServiceSpan[] {
  const spans: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of rows) {
    const last = spans.at(-1);
    const endMs = toMs ?? Infinity;
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, endMs);
    else spans.push({ fromMs, toMs: endMs });
  }
  return spans.map(({ fromMs, toMs }) => ({ from: iso(fromMs), to: toMs > asOfMs ? null : iso(toMs) }));
}
