import type { ImportContent, ImportEntry } from './import.ts';
import type { Dated, DeviceFacts, SpaceFacts, Standing } from './store.ts';

/** What an import has to write. */
export interface PlannedRows<T> {
  readonly created: readonly Dated<T>[];
  readonly changed: readonly Dated<T>[];
  readonly unchanged: number;
}

export interface ImportPlan {
  readonly spaces: PlannedRows<SpaceFacts>;
  readonly devices: PlannedRows<DeviceFacts>;
  /** Devices whose provenance changes, which only an administrator may do. */
  readonly provenanceChanges: readonly {
    readonly id: string;
    readonly before: DeviceFacts;
    readonly after: DeviceFacts;
  }[];
}

/** Compares a file with what stands: what a file says again is left alone, so that importing twice changes nothing. */
export function planImport(
  content: ImportContent,
  standing: { spaces: readonly Standing<SpaceFacts>[]; devices: readonly Standing<DeviceFacts>[] },
): ImportPlan {
  const devicesById = new Map(standing.devices.map((device) => [device.id, device]));
  const devices = planRows<DeviceFacts>(content.devices, devicesById);
  return {
    spaces: planRows<SpaceFacts>(content.spaces, new Map(standing.spaces.map((space) => [space.id, space]))),
    devices,
    provenanceChanges: devices.changed.flatMap((after) => {
      const before = devicesById.get(after.id);
      return before === undefined || before.provenance === after.provenance
        ? []
        : [{ id: after.id, before, after }];
    }),
  };
}

function planRows<T extends { readonly id: string }>(
  entries: readonly ImportEntry<Dated<T>>[],
  standing: ReadonlyMap<string, Standing<T>>,
): PlannedRows<T> {
  const created: Dated<T>[] = [];
  const changed: Dated<T>[] = [];
  let unchanged = 0;
  for (const entry of entries) {
    const before = standing.get(entry.value.id);
    if (before === undefined) {
      created.push(entry.value);
      continue;
    }
    const { validFrom: _, ...facts } = before;
    const after = { ...facts, ...givenOf(entry) } as unknown as Dated<T>;
    if (sameFacts(before, after)) unchanged++;
    else changed.push(after);
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

function canonical(facts: object): string {
  return JSON.stringify(facts, (key, value: unknown) =>
    key === 'validFrom' ? undefined : typeof value === 'object' && value !== null ? sorted(value) : value,
  );
}

function sorted(value: object): object {
  return Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
