import { z } from 'zod';
import type { RubricItem } from './rubric.ts';

/** What a claim says of an item: only what no record, reading or event tells. Free of anything but zod: see verifier. */
export const claimContentSchema = z.strictObject({
  /** The band. */
  grade: z.string().max(60).optional(),
  /** The number of the bands, in `unit`. */
  value: z.number().min(0).max(1e9).optional(),
  unit: z.string().max(20).optional(),
  /** Where the item counts several kinds apart. */
  quantities: z.record(z.string().max(60), z.int().min(0).max(1e6)).optional(),
  /** Functions that are there; every other is claimed missing. */
  functions: z.array(z.string().max(60)).max(100).default([]),
});
export type ClaimContent = z.infer<typeof claimContentSchema>;

/** What of a claim decides the points of an item. */
export type ClaimShape =
  | { readonly kind: 'grade' }
  | { readonly kind: 'value'; readonly units: readonly string[]; readonly whole: boolean }
  | { readonly kind: 'quantities'; readonly ids: readonly string[] };

export function claimShape(item: RubricItem): ClaimShape {
  const [first, second] = item.perUnit;
  if (first !== undefined && second !== undefined) {
    return { kind: 'quantities', ids: item.perUnit.map(({ id }) => id) };
  }
  if (first !== undefined || item.deduction !== undefined) return { kind: 'value', units: [], whole: true };
  const units = [...new Set(item.bands.flatMap((band) => band.ranges.map(({ unit }): string => unit)))];
  return units.length > 0 && !item.graded ? { kind: 'value', units, whole: false } : { kind: 'grade' };
}

export interface ClaimFault {
  readonly path: string;
  readonly message: string;
}

/** What of a claim does not fit its item. */
export function claimFaults(item: RubricItem, content: ClaimContent): ClaimFault[] {
  const shape = claimShape(item);
  const faults: ClaimFault[] = [];
  const fault = (path: string, message: string) => faults.push({ path: `/content/${path}`, message });
  const fits = (name: 'grade' | 'value' | 'quantities') => {
    const wanted = name === shape.kind;
    if (wanted && content[name] === undefined) fault(name, 'is needed');
    if (!wanted && content[name] !== undefined) fault(name, `is not what ${item.id} is scored by`);
    return wanted && content[name] !== undefined;
  };
  if (fits('grade') && !item.bands.some(({ id }) => id === content.grade)) {
    fault('grade', `is one of ${item.bands.map(({ id }) => id).join(', ')}`);
  }
  if (fits('value') && shape.kind === 'value') {
    if (shape.whole && !Number.isSafeInteger(content.value)) fault('value', 'is a whole number');
    if (shape.units.length > 0 && !shape.units.includes(content.unit ?? '')) {
      fault('unit', `is one of ${shape.units.join(', ')}`);
    }
    if (content.unit === '%' && (content.value ?? 0) > 100) fault('value', 'is at most 100 %');
  }
  if (fits('quantities') && shape.kind === 'quantities') {
    const given = Object.keys(content.quantities ?? {}).toSorted();
    if (given.join() !== shape.ids.toSorted().join()) fault('quantities', `has ${shape.ids.join(', ')}`);
  }
  const unknown = content.functions.find((id) => !item.functions.some((known) => known.id === id));
  if (unknown !== undefined) fault('functions', `${item.id} has no function ${unknown}`);
  return faults;
}
