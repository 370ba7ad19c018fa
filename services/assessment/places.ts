import type { Queryable } from '#infra/postgres.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import type { DaySegment } from '#schemas/local-time.ts';
import {
  collectDays,
  collectHeld,
  iso,
  leftOutOf,
  localDays,
  mergeSpans,
  mostServiceRows,
  remembered,
  type CollectRequest,
} from './collect.ts';
import type { PlacedDevice } from './live.ts';
import type { DayFacts } from './measure.ts';
import {
  readDeclaredSpaces,
  readFoldedDays,
  readFoldedMarks,
  readPlacedRows,
  readRawMarks,
  type DeclaredRow,
  type FoldedMarks,
  type PlacedRow,
} from './place-store.ts';

/** What several measures of one run ask alike is asked once: see `remembered`. */

/** A device of the period where it stands at its end. */
export interface Placed {
  readonly device: PlacedDevice;
  readonly spaceId: string | null;
  readonly attributes: PlacedRow['attributes'];
  /** When it came to where it stands, if that was within the period; RFC 3339. */
  readonly movedAt: string | null;
  /** In service at the end of the period. */
  readonly standsAtEnd: boolean;
}

/**
 * Devices of the classes that were in service at some time of the period, in order of id.
 * @param names by which people may have left a device out: of the measure, and of the item
 * @throws ParkError `too-many-values` above what one measure may look at
 */
export async function collectPlaced(
  db: Queryable,
  request: CollectRequest,
  { classes, names }: { classes: readonly string[]; names: readonly string[] },
): Promise<Placed[]> {
  const rows = await remembered(request, `placed ${classes.toSorted().join()}`, () =>
    readPlacedRows(db, { ...request, classes, limit: mostServiceRows + 1 }),
  );
  if (rows.length > mostServiceRows) {
    throw new ParkError('too-many-values', `A measure would look at more than ${mostServiceRows} devices`);
  }
  const held = await collectHeld(db, request);
  const left: ReadonlyMap<string, Bilingual>[] = [];
  for (const name of names) left.push(await leftOutOf(db, request, name));
  return [...Map.groupBy(rows, ({ deviceId }) => deviceId)].flatMap(([deviceId, own]) => {
    const within = own.filter((row) => (row.toMs ?? Infinity) > request.fromMs);
    const newest = within.at(-1);
    if (newest === undefined) return [];
    const foreign = within.find(({ provenance }) => provenance !== 'field');
    return {
      spaceId: newest.spaceId,
      attributes: newest.attributes,
      movedAt: movedAt(within),
      standsAtEnd: (newest.toMs ?? Infinity) >= request.toMs,
      device: {
        deviceId,
        name: newest.name,
        class: newest.class,
        provenance: foreign?.provenance ?? 'field',
        service: mergeSpans(own, request.asOfMs).filter(
          (span) => span.to === null || Date.parse(span.to) > request.fromMs,
        ),
        exclusion:
          left.map((excluded) => excluded.get(deviceId)).find((reason) => reason !== undefined) ?? null,
        heldS: held.get(deviceId) ?? 0,
      },
    };
  });
}

/** When the device came to where it stands, where that is after it was seen elsewhere in the period. */
function movedAt(rows: readonly PlacedRow[]): string | null {
  const here = rows.at(-1)?.spaceId;
  const elsewhere = rows.findLastIndex(({ spaceId }) => spaceId !== here);
  const first = elsewhere < 0 ? undefined : rows[elsewhere + 1];
  return first === undefined ? null : iso(first.fromMs);
}

/** The declared spaces of the period's end, each with all that lies in it. */
export function collectDeclared(
  db: Queryable,
  request: CollectRequest,
  tags: readonly string[],
): Promise<DeclaredRow[]> {
  return remembered(request, `declared ${tags.toSorted().join()}`, () =>
    readDeclaredSpaces(db, { tags, atMs: request.toMs }),
  );
}

/** Whether an attribute of the device holds one of the words: itself, or one of several that commas or spaces part. */
export function hasAttributes(
  { attributes }: Placed,
  asked: Readonly<Record<string, readonly string[]>> | undefined,
): boolean {
  return Object.entries(asked ?? {}).every(([name, words]) => {
    const own = String(attributes[name] ?? '')
      .toLowerCase()
      .split(/[\s,;，；、]+/);
    return words.some((word) => own.includes(word));
  });
}

interface Folded {
  readonly days: readonly DaySegment[];
  readonly folded: ReadonlySet<string>;
}

/** The complete local days of the period, and whether anybody watched. */
export function collectCompleteDays(db: Queryable, request: CollectRequest): Promise<DayFacts[]> {
  return remembered(request, 'days', async () => {
    const { days, folded } = await foldedOf(db, request);
    const open = days.filter(({ day }) => !folded.has(day));
    const watched = new Map((await collectDays(db, open)).map((day) => [day.day, day]));
    return days.map(
      ({ day, fromMs, toMs }) => watched.get(day) ?? { day, from: iso(fromMs), to: iso(toMs), watched: true },
    );
  });
}

function foldedOf(db: Queryable, request: CollectRequest): Promise<Folded> {
  return remembered(request, 'folded', async () => {
    const days = localDays(request).filter(({ complete }) => complete);
    return { days, folded: await readFoldedDays(db, days) };
  });
}

/**
 * On which complete local days each device of the classes had enough good readings of one of the metrics, by id: a text of
 * 0 and 1 for each day.
 */
export async function collectMarks(
  db: Queryable,
  request: CollectRequest,
  asked: { classes: readonly string[]; metrics: readonly string[]; perDay: number },
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const deviceClass of asked.classes) {
    const known = deviceClasses.get(deviceClass)?.metrics ?? {};
    for (const metric of asked.metrics.filter((name) => Object.hasOwn(known, name))) {
      const marks = await collectMetricMarks(db, request, { deviceClass, metric, perDay: asked.perDay });
      for (const [deviceId, own] of marks) found.set(deviceId, either(found.get(deviceId), own));
    }
  }
  return found;
}

/** Days that are marked in either text. */
function either(one: string | undefined, other: string): string {
  if (one === undefined || one === other) return other;
  let marks = '';
  for (let day = 0; day < other.length; day++) marks += one[day] === '1' ? '1' : (other[day] ?? '');
  return marks;
}

/** Devices that had enough on every day are known from the first question, whatever is enough; the others are asked again. */
async function collectFolded(
  db: Queryable,
  request: CollectRequest,
  query: Parameters<typeof readFoldedMarks>[1] & { readonly deviceClass: string },
): Promise<ReadonlyMap<string, FoldedMarks>> {
  const { deviceClass, metric, perDay } = query;
  const any = await remembered(request, `folds ${deviceClass} ${metric}`, () =>
    readFoldedMarks(db, { ...query, perDay: 1 }),
  );
  if (perDay === 1) return any;
  const sure = [...any].filter(([, { marks, least }]) => least >= perDay && !marks.includes('0'));
  const found = new Map(sure);
  const deviceIds = [...any.keys()].filter((id) => !found.has(id));
  if (deviceIds.length === 0) return found;
  return new Map([...found, ...(await readFoldedMarks(db, { ...query, deviceIds }))]);
}

/** Of one metric of one class: what several measures ask again, in other company. */
function collectMetricMarks(
  db: Queryable,
  request: CollectRequest,
  asked: { deviceClass: string; metric: string; perDay: number },
): Promise<ReadonlyMap<string, string>> {
  const { deviceClass, metric, perDay } = asked;
  return remembered(request, `marks ${deviceClass} ${metric} ${perDay}`, async () => {
    const placed = await collectPlaced(db, request, { classes: [deviceClass], names: [] });
    const deviceIds = placed.map(({ device }) => device.deviceId);
    if (deviceIds.length === 0) return new Map();
    const { days, folded } = await foldedOf(db, request);
    const [first] = days;
    if (first === undefined) return new Map(deviceIds.map((id) => [id, '']));
    const query = { deviceIds, metric, perDay };
    const known = await collectFolded(db, request, {
      ...query,
      deviceClass,
      firstDay: first.day,
      days: days.length,
    });
    const open: { index: number; live: Set<string> }[] = [];
    for (const [index, { day, fromMs, toMs }] of days.entries()) {
      if (!folded.has(day)) open.push({ index, live: await readRawMarks(db, { ...query, fromMs, toMs }) });
    }
    const none = '0'.repeat(days.length);
    return new Map(
      deviceIds.map((id) => {
        const folds = known.get(id)?.marks ?? none;
        if (open.length === 0) return [id, folds];
        const marks = folds.split('');
        for (const { index, live } of open) marks[index] = live.has(id) ? '1' : '0';
        return [id, marks.join('')];
      }),
    );
  });
}
