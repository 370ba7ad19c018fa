import { stringify } from 'yaml';
import type { ImportChange } from '#schemas/api/registry.ts';
import { unitNames } from '#schemas/units.ts';
import type { ImportContent, ImportEntry } from './import.ts';
import type { Dated, DeviceFacts, PointFacts, SpaceFacts, Standing } from './store.ts';

/** What an import has to write. */
export interface PlannedRows<T> {
  readonly created: readonly T[];
  readonly changed: readonly { readonly before: T; readonly after: T }[];
  readonly unchanged: number;
}

export interface ImportPlan {
  readonly spaces: PlannedRows<Dated<SpaceFacts>>;
  readonly devices: PlannedRows<Dated<DeviceFacts>>;
  readonly points: PlannedRows<PointFacts>;
  /** Devices whose provenance changes, which only an administrator may do. */
  readonly provenanceChanges: readonly {
    readonly id: string;
    readonly before: DeviceFacts;
    readonly after: DeviceFacts;
  }[];
}

/** What stands of what a file speaks of. */
export interface StandingPark {
  readonly spaces: readonly Standing<SpaceFacts>[];
  readonly devices: readonly Standing<DeviceFacts>[];
  readonly points: readonly PointFacts[];
}

export const pointId = ({ deviceId, metric }: Pick<PointFacts, 'deviceId' | 'metric'>) =>
  `${deviceId}.${metric}`;

/** Compares a file with what stands: what a file says again is left alone, so that importing twice changes nothing. */
export function planImport(content: ImportContent, standing: StandingPark): ImportPlan {
  const devices = planRows<Dated<DeviceFacts>>(
    content.devices,
    keyed(standing.devices.map(undated), ({ id }) => id),
  );
  return {
    spaces: planRows<Dated<SpaceFacts>>(
      content.spaces,
      keyed(standing.spaces.map(undated), ({ id }) => id),
    ),
    devices,
    points: planPoints(content.points, keyed(standing.points, pointId)),
    provenanceChanges: devices.changed
      .filter(({ before, after }) => before.provenance !== after.provenance)
      .map(({ before, after }) => ({ id: after.id, before, after })),
  };
}

function keyed<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, T> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** What a row says, apart from when. */
export function undated<T extends { readonly validFrom: Date }>(row: T): Omit<T, 'validFrom'> {
  const { validFrom: _, ...facts } = row;
  return facts;
}

function planRows<T extends { readonly id: string }>(
  entries: readonly ImportEntry<T>[],
  standing: ReadonlyMap<string, Omit<T, 'validFrom'>>,
): PlannedRows<T> {
  return compareAll(entries, (entry) => {
    const before = standing.get(entry.value.id) as T | undefined;
    return { before, after: before === undefined ? entry.value : { ...before, ...givenOf(entry) } };
  });
}

/** A point of a device that comes with the file stands as soon as the device does: it is compared with what that is. */
function planPoints(
  entries: ImportContent['points'],
  standing: ReadonlyMap<string, PointFacts>,
): PlannedRows<PointFacts> {
  return compareAll(entries, ({ value, given }) => {
    const { deviceId, metric, ignored, kind, unit } = value;
    const before = standing.get(pointId(value));
    const said = kind !== undefined || unit !== undefined;
    const definition = said
      ? {
          ...before?.definition,
          ...(kind === undefined ? {} : { kind }),
          ...(unit === undefined ? {} : { unit }),
        }
      : (before?.definition ?? null);
    const stands = given.has('ignored') || before === undefined ? ignored : before.ignored;
    return { before, after: { deviceId, metric, ignored: stands, definition } };
  });
}

function compareAll<E, T extends object>(
  entries: readonly E[],
  compare: (entry: E) => { readonly before: T | undefined; readonly after: T },
): PlannedRows<T> {
  const created: T[] = [];
  const changed: { before: T; after: T }[] = [];
  let unchanged = 0;
  for (const entry of entries) {
    const { before, after } = compare(entry);
    if (before === undefined) created.push(after);
    else if (sameFacts(before, after)) unchanged++;
    else changed.push({ before, after });
  }
  return { created, changed, unchanged };
}

function givenOf<T extends object>({ value, given }: ImportEntry<T>): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([field]) => given.has(field))) as Partial<T>;
}

/** Equal in everything but since when. */
function sameFacts(a: object, b: object): boolean {
  return canonical(a) === canonical(b);
}

function canonical(facts: unknown): string {
  return JSON.stringify(facts, (key, value: unknown) =>
    key === 'validFrom' ? undefined : typeof value === 'object' && value !== null ? sorted(value) : value,
  );
}

function sorted(value: object): object {
  return Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const kinds = ['spaces', 'devices', 'points'] as const;
type Row = Readonly<Record<string, unknown>>;

/** The plan entry by entry, the first `most` of it. */
export function listChanges(plan: ImportPlan, most: number): ImportChange[] {
  const changes: ImportChange[] = [];
  for (const kind of kinds) {
    const { created, changed } = plan[kind];
    for (const row of created.slice(0, most - changes.length))
      changes.push(changeOf(kind, null, row as unknown as Row));
    for (const { before, after } of changed.slice(0, most - changes.length)) {
      changes.push(changeOf(kind, before as unknown as Row, after as unknown as Row));
    }
  }
  return changes;
}

function changeOf(kind: (typeof kinds)[number], before: Row | null, after: Row): ImportChange {
  const id = kind === 'points' ? pointId(after as unknown as PointFacts) : String(after['id']);
  const fields = Object.keys(after)
    .filter((field) => field !== 'id' && after[field] !== undefined)
    .filter(
      (field) => before === null || canonical(before[field] ?? null) !== canonical(after[field] ?? null),
    )
    .map((field) => ({ field, before: before?.[field] ?? null, after: after[field] ?? null }));
  return { kind, id, change: before === null ? 'create' : 'change', fields };
}

/** A document that brings back what a plan changes; null when it only creates. */
export function undoOf({ spaces, devices, points }: ImportPlan): string | null {
  const document = {
    spaces: spaces.changed.map(({ before }) => before),
    devices: devices.changed.map(({ before }) => before),
    points: points.changed.map(({ before }) => toEntry(before)),
  };
  const filled = Object.entries(document).filter(([, rows]) => rows.length > 0);
  return filled.length === 0 ? null : stringify(Object.fromEntries(filled), { lineWidth: 0 });
}

/** A point as an import document has it. */
export function toEntry({ deviceId, metric, ignored, definition }: PointFacts) {
  const { kind, unit } = definition ?? {};
  const known = unitNames.find((name) => name === unit);
  return {
    deviceId,
    metric,
    ignored,
    ...(kind === 'gauge' || kind === 'counter' ? { kind } : {}),
    ...(known === undefined ? {} : { unit: known }),
  };
}
