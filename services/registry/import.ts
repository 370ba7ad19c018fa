import type { z } from 'zod';
import { openYaml, type YamlDocument } from '#infra/yaml-text.ts';
import { parseOptions, toFieldFaults, toPointer } from '#schemas/field-errors.ts';
import { importDeviceSchema, importPointSchema, importSpaceSchema } from '#schemas/api/registry.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { parentAttributes, parentsOf, parentTrees } from '#schemas/device-parents.ts';
import type { FieldError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import type { DeviceOutline } from './store.ts';
import { aboveSpaces, findCycles } from './tree.ts';

export const importLimits = {
  bytes: 5 * 1024 * 1024,
  /** Spaces, devices and points together. */
  rows: 20_000,
  /** More faults than these are counted, not listed. */
  listedErrors: 1_000,
  /** Brackets within brackets, or indicators on one line. */
  nesting: 32,
  /** Words, signs and gaps: more than the most rows need. */
  tokens: 2_400_000,
  /** What YAML aliases may multiply a document by; a file that names one map for each device stays below. */
  aliases: 50_000,
  /** Of one row of a CSV file. */
  recordBytes: 64 * 1024,
} as const;

/** A fault of the file, where it stands. */
export type ImportError = FieldError & { readonly line: number; readonly column: number };

/** One entry of the file, and which fields it really gave: the others are defaults. */
export interface ImportEntry<T> {
  readonly value: T;
  readonly given: ReadonlySet<string>;
}

export interface ImportContent {
  readonly spaces: readonly ImportEntry<z.output<typeof importSpaceSchema>>[];
  readonly devices: readonly ImportEntry<z.output<typeof importDeviceSchema>>[];
  readonly points: readonly ImportEntry<z.output<typeof importPointSchema>>[];
}

/** What the park is before the import. */
export interface KnownPark {
  /** The parent of every space that stands. */
  readonly spaceParents: ReadonlyMap<string, string | null>;
  readonly devices: ReadonlyMap<string, DeviceOutline>;
  /** Epoch ms. */
  readonly nowMs: number;
}

export type ImportReading =
  | { readonly ok: true; readonly content: ImportContent }
  /** In the order of the file; `count` tells of more than are listed. */
  | { readonly ok: false; readonly count: number; readonly errors: readonly ImportError[] };

type Path = readonly (string | number)[];

/** Notes a fault at a place of the document; `onKey` points at the key instead of its value. */
type Report = (path: Path, message: string, onKey?: boolean) => void;

const kinds = ['spaces', 'devices', 'points'] as const;

/**
 * Reads a park from YAML or JSON (which is YAML). Every fault is found, not only the first: form, duplicates, unknown
 * classes, spaces and parents, circles of spaces and of devices.
 */
export function readImport(text: string, park: KnownPark): ImportReading {
  const opened = openYaml(text, importLimits);
  if (!opened.ok) {
    const listed = opened.faults.slice(0, importLimits.listedErrors);
    return {
      ok: false,
      count: opened.faults.length,
      errors: listed.map((fault) => ({ path: '', ...fault })),
    };
  }
  return judgeDocument(opened.document, park);
}

/** The same of a document that has been opened, whatever it was written in. */
export function judgeDocument(document: YamlDocument, park: KnownPark): ImportReading {
  const errors: ImportError[] = [];
  let count = 0;
  const report: Report = (path, message, onKey = false) => {
    // Finding a place takes time, and nobody reads the ten-thousandth.
    if (++count > importLimits.listedErrors) return;
    errors.push({ path: toPointer(path), message, ...document.placeOf(path, onKey) });
  };
  const raw = toPlain(document, report);
  const content = raw === undefined ? { spaces: [], devices: [], points: [] } : readEntries(raw, report);
  if (raw !== undefined) judge({ raw, content, park, report });
  if (count === 0) return { ok: true, content };
  errors.sort((a, b) => a.line - b.line || a.column - b.column);
  return { ok: false, count, errors };
}

/** Undefined when the document is not a map of `spaces` and `devices`; that is reported. */
function toPlain(
  document: YamlDocument,
  report: Report,
): Record<(typeof kinds)[number], unknown[]> | undefined {
  const plain = document.toPlain();
  if (!plain.ok) {
    report([], plain.message);
    return undefined;
  }
  const raw = plain.value;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    report([], 'a park is a map with "spaces" and "devices"');
    return undefined;
  }
  for (const key of Object.keys(raw)) {
    if (!(kinds as readonly string[]).includes(key)) report([key], `"${key}" is not known here`, true);
  }
  const lists = {
    spaces: listOf(raw, 'spaces', report),
    devices: listOf(raw, 'devices', report),
    points: listOf(raw, 'points', report),
  };
  const rows = lists.spaces.length + lists.devices.length + lists.points.length;
  if (rows <= importLimits.rows) return lists;
  report([], `the file has ${rows} entries; at most ${importLimits.rows} are taken at once`);
  return undefined;
}

function listOf(raw: object, kind: (typeof kinds)[number], report: Report): unknown[] {
  const value = (raw as Record<string, unknown>)[kind] ?? [];
  if (Array.isArray(value)) return value;
  report([kind], `"${kind}" is a list`);
  return [];
}

function readEntries(raw: Record<(typeof kinds)[number], unknown[]>, report: Report): ImportContent {
  return {
    spaces: raw.spaces.flatMap((entry, index) =>
      readEntry(importSpaceSchema, entry, ['spaces', index], report),
    ),
    devices: raw.devices.flatMap((entry, index) =>
      readEntry(importDeviceSchema, entry, ['devices', index], report),
    ),
    points: raw.points.flatMap((entry, index) =>
      readEntry(importPointSchema, entry, ['points', index], report),
    ),
  };
}

// Four arguments: schema and value of one entry, its place, and where faults go.
function readEntry<T extends z.ZodType>(
  schema: T,
  entry: unknown,
  place: Path,
  report: Report,
): ImportEntry<z.output<T>>[] {
  const parsed = schema.safeParse(entry, parseOptions);
  if (parsed.success) return [{ value: parsed.data, given: new Set(Object.keys(entry as object)) }];
  for (const fault of toFieldFaults(parsed.error)) {
    const path = [...place, ...fault.segments];
    report(path, fault.message, fault.unknownField);
  }
  return [];
}

interface Judging {
  readonly raw: Record<(typeof kinds)[number], unknown[]>;
  readonly content: ImportContent;
  readonly park: KnownPark;
  readonly report: Report;
}

/** What can be said of entries only together, or against the park. */
function judge({ raw, park, report }: Judging): void {
  for (const kind of kinds) refuseDoubles(raw[kind], kind, report);
  judgePoints({ raw, park, report });
  const parents = new Map(park.spaceParents);
  const fileIds = new Set<string>();
  for (const space of raw.spaces) {
    const id = textField(space, 'id');
    if (id === undefined) continue;
    fileIds.add(id);
    const parent = textField(space, 'parentId');
    if (parent !== undefined || !parents.has(id) || fieldOf(space, 'parentId') === null) {
      parents.set(id, parent ?? null);
    }
  }
  raw.spaces.forEach((space, index) => {
    const parent = textField(space, 'parentId');
    if (parent !== undefined && !parents.has(parent)) {
      report(
        ['spaces', index, 'parentId'],
        `there is no space "${parent}", neither in the file nor in the park`,
      );
    }
    refuseOddTime(space, ['spaces', index], park.nowMs, report);
  });
  refuseCycles(raw.spaces, parents, report);
  refuseDeviceCycles(raw.devices, park, report);
  raw.devices.forEach((device, index) => {
    const deviceClass = textField(device, 'class');
    if (deviceClass !== undefined && !deviceClasses.has(deviceClass)) {
      report(['devices', index, 'class'], `there is no device class "${deviceClass}"`);
    }
    const spaceId = textField(device, 'spaceId');
    if (spaceId !== undefined && !parents.has(spaceId)) {
      report(
        ['devices', index, 'spaceId'],
        `there is no space "${spaceId}", neither in the file nor in the park`,
      );
    }
    refuseOddTime(device, ['devices', index], park.nowMs, report);
  });
}

/** Points belong to devices that stand, or come with the file; what their class says of a metric stays. */
function judgePoints({ raw, park, report }: Omit<Judging, 'content'>): void {
  const classes = new Map([...park.devices].map(([id, device]) => [id, device.class]));
  for (const device of raw.devices) {
    const [id, deviceClass] = [textField(device, 'id'), textField(device, 'class')];
    if (id !== undefined && deviceClass !== undefined) classes.set(id, deviceClass);
  }
  raw.points.forEach((point, index) => {
    const deviceId = textField(point, 'deviceId');
    if (deviceId === undefined) return;
    const deviceClass = classes.get(deviceId);
    if (deviceClass === undefined) {
      const message = `there is no device "${deviceId}", neither in the file nor in the park`;
      return report(['points', index, 'deviceId'], message);
    }
    const known = deviceClasses.get(deviceClass)?.metrics[textField(point, 'metric') ?? ''];
    for (const field of ['kind', 'unit'] as const) {
      if (
        known !== undefined &&
        fieldOf(point, field) !== undefined &&
        fieldOf(point, field) !== known[field]
      ) {
        report(['points', index, field], `is ${known[field] ?? 'none'} by the class ${deviceClass}`);
      }
    }
  });
}

function idOf(entry: unknown, kind: string): string | undefined {
  if (kind !== 'points') return textField(entry, 'id');
  const [deviceId, metric] = [textField(entry, 'deviceId'), textField(entry, 'metric')];
  return deviceId === undefined || metric === undefined ? undefined : `${deviceId}.${metric}`;
}

function refuseDoubles(entries: readonly unknown[], kind: string, report: Report): void {
  const first = new Map<string, number>();
  entries.forEach((entry, index) => {
    const id = idOf(entry, kind);
    if (id === undefined) return;
    const before = first.get(id);
    if (before === undefined) first.set(id, index);
    else
      report(
        [kind, index, kind === 'points' ? 'metric' : 'id'],
        `"${id}" stands here twice, first as entry ${before + 1}`,
      );
  });
}

/** Each circle once, at the first space of the file that lies on it. */
function refuseCycles(
  spaces: readonly unknown[],
  parents: ReadonlyMap<string, string | null>,
  report: Report,
): void {
  const places = placesOf(spaces);
  for (const cycle of findCycles(aboveSpaces(parents), places.keys())) {
    const index = Math.min(...cycle.map((id) => places.get(id) ?? Infinity));
    if (index === Infinity) continue;
    report(['spaces', index, 'parentId'], `the spaces stand in a circle: ${cycle.join(' > ')}`);
  }
}

/** The same of devices, in each tree: a device whose attributes the file leaves alone keeps those it has. */
function refuseDeviceCycles(devices: readonly unknown[], park: KnownPark, report: Report): void {
  const places = placesOf(devices);
  for (const tree of parentTrees) {
    const above = (id: string) => {
      const given = fieldOf(devices[places.get(id) ?? -1], 'attributes');
      const isGiven = typeof given === 'object' && given !== null;
      return parentsOf(
        isGiven ? (given as Record<string, unknown>) : (park.devices.get(id)?.above ?? {}),
        tree,
      );
    };
    for (const cycle of findCycles(above, places.keys())) {
      const at = cycle.findIndex((id) => places.has(id));
      const index = places.get(cycle[at] ?? '');
      if (index === undefined) continue;
      const attributes = fieldOf(devices[index], 'attributes');
      const field = parentAttributes[tree].find((name) => textField(attributes, name) === cycle[at + 1]);
      const place = field === undefined ? [] : ['attributes', field];
      report(['devices', index, ...place], `the devices stand in a circle: ${cycle.join(' > ')}`);
    }
  }
}

function placesOf(entries: readonly unknown[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  entries.forEach((entry, index) => {
    const id = textField(entry, 'id');
    if (id !== undefined && !places.has(id)) places.set(id, index);
  });
  return places;
}

function refuseOddTime(entry: unknown, place: Path, nowMs: number, report: Report): void {
  const text = textField(entry, 'validFrom');
  const timeMs = text === undefined ? Number.NaN : Date.parse(text);
  if (timeMs > nowMs) report([...place, 'validFrom'], 'lies in the future');
  if (timeMs < limits.earliestMs) report([...place, 'validFrom'], 'lies before the year 2000');
}

function fieldOf(entry: unknown, field: string): unknown {
  return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>)[field] : undefined;
}

function textField(entry: unknown, field: string): string | undefined {
  const value = fieldOf(entry, field);
  return typeof value === 'string' ? value : undefined;
}
