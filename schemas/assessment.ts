import { z } from 'zod';
import { bilingualSchema } from './device-class.ts';
import type { Bilingual } from './device-class.ts';
import type { Basis, PointRange } from './rubric.ts';

const noteSchema = z.strictObject({ id: z.string().min(1), reason: bilingualSchema });

/** Whether a function that an item lists is proven in this park. */
export const functionStates = ['proven', 'missing', 'not-applicable'] as const;

/**
 * A fact about the park over a period, as a measure derives it: what was found, in which population, from how much of
 * the expected data, out of which sources. It is sealed with the score, so nothing in it depends on the rubric.
 */
export const measurementSchema = z.strictObject({
  /** Null when the fact is no number, or when too little is known. A percentage is `100 * counted / of`, exactly. */
  value: z.number().nullable(),
  unit: z.string(),
  /** Further numbers: by unit where a rubric takes either of two, by grade where it counts several kinds. */
  quantities: z.record(z.string(), z.number()).optional(),
  /** The functions of the item, by id, with what proves or disproves them. */
  functions: z
    .array(z.strictObject({ id: z.string(), state: z.enum(functionStates), reason: bilingualSchema }))
    .optional(),
  /** The band, where a measure or a person names it. */
  grade: z.string().optional(),
  population: z.strictObject({
    counted: z.int().min(0),
    of: z.int().min(0),
    excluded: z.array(noteSchema),
    /** Counted, with something an assessor should know, e.g. in service for a part of the period. */
    noted: z.array(noteSchema).optional(),
  }),
  /** Share of the expected data that arrived, 0 to 1; null when nothing was expected. */
  completeness: z.number().min(0).max(1).nullable(),
  /** Point keys, registers and journals that it came from. */
  sources: z.array(z.string()),
  verdict: z.enum(['sufficient', 'insufficient']),
  /** What would have to be there for a verdict, when there is none. */
  missing: z.array(bilingualSchema),
});
export type Measurement = z.infer<typeof measurementSchema>;

/** What an item earns by a measurement. */
export interface Score {
  readonly item: string;
  /** Null when undetermined: too little data earns nothing and is no zero. */
  readonly points: PointRange | null;
  /** One number by our convention inside a range; null when the points are exact or an assessor must choose. */
  readonly conventionPoints: number | null;
  readonly basis: Basis | 'missing';
  /** Id of the band; null when none decides. */
  readonly band: string | null;
  readonly reason: Bilingual;
}

/** What an assessor decided inside the range of a score; it stands beside the range, and counts in the total. */
export interface Decided {
  readonly points: number;
  readonly reason: string;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Three figures, never one: points determined, points undetermined, and what could be earned in all. */
export interface Total {
  readonly determined: PointRange;
  readonly undetermined: number;
  readonly maximum: number;
}
