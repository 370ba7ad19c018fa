import { z } from 'zod';
import { bilingualSchema } from './device-class.ts';
import { bandProblems } from './rubric-bands.ts';
import { coverageSchema, partProofSchema } from './rubric-proof.ts';
import { recordRuleSchema } from './rubric-records.ts';
import { registryRuleSchema } from './rubric-registry.ts';
import { rubricUnits } from './rubric-units.ts';

/**
 * A scoring document as data. What the source says (points, bounds, clauses, obligations) stands beside what we chose
 * where it is silent (`convention`, `insideBand`) and what stays open (`openQuestions`), so that the two never mix.
 */
export const obligations = ['must', 'should', 'encouraged', 'may'] as const;
export type Obligation = (typeof obligations)[number];

export const itemKinds = [
  'ratio-bands',
  'count-bands',
  'duration-bands',
  'graded-partial',
  'boolean',
  'judged',
  'per-unit-capped',
  'deduct-per-missing',
  'thresholds',
] as const;

export const evidenceSources = [
  'telemetry',
  'telemetry+registry',
  'registry',
  'system-function',
  'business-record',
  'document',
] as const;
export type EvidenceSource = (typeof evidenceSources)[number];

/** On what a point rests (DESIGN §8). */
export type Basis = 'measured' | 'exercised' | 'recorded' | 'attested';

export const basisOf: Readonly<Record<EvidenceSource, Basis>> = {
  telemetry: 'measured',
  'telemetry+registry': 'measured',
  registry: 'measured',
  'system-function': 'exercised',
  'business-record': 'recorded',
  document: 'attested',
};

/**
 * How far data decide: the points, the band only, the counted threshold (the words around it stay with a person), a
 * proposal to a person, or nothing (kept as a record).
 */
export const automations = ['compute', 'compute-band', 'compute-threshold', 'propose', 'hold'] as const;

export const slugSchema = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
export const dottedSchema = z.string().regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/);

export const pointRangeSchema = z
  .strictObject({ min: z.number().min(0), max: z.number().min(0) })
  .refine((points) => points.min <= points.max, 'min is not above max');
export type PointRange = z.infer<typeof pointRangeSchema>;

/** Where a bound comes from: written in the source, following from the neighbouring band, or not decidable there. */
const boundStatus = z.enum(['stated', 'implied', 'ambiguous']).default('stated');

const rangeSchema = z.strictObject({
  unit: z.enum(rubricUnits),
  /** Null where the range is open. */
  min: z.number().nullable(),
  minInclusive: z.boolean(),
  max: z.number().nullable(),
  maxInclusive: z.boolean(),
  minBound: boundStatus,
  maxBound: boundStatus,
});
export type Range = z.infer<typeof rangeSchema>;

/** A count that must be reached (or not passed); both bounds belong to what is allowed. */
export const thresholdSchema = z
  .strictObject({
    unit: z.enum(rubricUnits),
    counted: bilingualSchema,
    min: z.number().nullable(),
    max: z.number().nullable(),
    /** The count is of one calendar year; otherwise of what is there on the day. */
    per: z.literal('year').optional(),
  })
  .refine(({ min, max }) => min !== null || max !== null, 'a threshold has a bound');
export type Threshold = z.infer<typeof thresholdSchema>;

/** All of some parts, and at least so many of others. */
const needsSchema = z
  .strictObject({
    all: z.array(slugSchema).default([]),
    least: z.int().min(1).optional(),
    of: z.array(slugSchema).min(1).optional(),
  })
  .refine(({ least, of }) => (least === undefined) === (of === undefined), 'least is of something')
  .refine(({ least = 0, of = [] }) => least <= of.length, 'least is more than there are')
  .refine(({ all, of }) => all.length > 0 || of !== undefined, 'a band that needs nothing is no band');
export type Needs = z.infer<typeof needsSchema>;

const bandSchema = z.strictObject({
  id: slugSchema,
  points: pointRangeSchema,
  condition: bilingualSchema,
  /** Values that fall into the band; with several, any one is enough. Empty where no number decides. */
  ranges: z.array(rangeSchema).default([]),
  /** Counts that must all be reached for the band. */
  thresholds: z.array(thresholdSchema).min(1).optional(),
  /** Parts (ids of functions) that make the band, where the item is measured by its parts. */
  needs: needsSchema.optional(),
});
export type Band = z.infer<typeof bandSchema>;

export const functionSchema = z.strictObject({
  id: slugSchema,
  name: bilingualSchema,
  /**
   * `required` counts; `supporting` counts but earns no band alone; `essential` does likewise, and without it the
   * others earn nothing; `optional` is an example, an alternative or guideline text, and is not counted; of a `condition`
   * it depends whether the item applies to this park at all.
   */
  role: z.enum(['required', 'supporting', 'essential', 'optional', 'condition']).default('required'),
  /** What proves it, where a measure looks for it; any one is enough. */
  proofs: z.array(partProofSchema).min(1).max(6).optional(),
});
export type RequiredFunction = z.infer<typeof functionSchema>;

/** Our way to one number inside a point range: the texts are `rubric.conventions`. */
export const insideBandRules = ['linear', 'functions', 'assessor'] as const;

const itemSchema = z
  .strictObject({
    id: dottedSchema,
    section: slugSchema,
    indicator: dottedSchema,
    /** Number of the row, where the source tells its items apart by it. */
    row: z.int().positive().optional(),
    /** Where the source calls its rows binding or guiding. */
    nature: z.enum(['binding', 'guiding']).optional(),
    /** Clause of the guideline that the item rests on, as numbered there. */
    clause: z.string().min(1),
    obligation: z.enum(obligations),
    name: bilingualSchema,
    /** The most that can be earned. */
    points: z.number().positive(),
    kind: z.enum(itemKinds),
    evidenceSource: z.enum(evidenceSources),
    secondarySources: z.array(z.enum(evidenceSources)).default([]),
    automation: z.enum(automations),
    /** Name of our measure, when there is one. */
    measure: slugSchema.optional(),
    /** Of a measure that counts declared spaces. */
    coverage: coverageSchema.optional(),
    /** Events prove functions of this item only when they carry one and the same value in this field of their data. */
    sharedKey: z.string().min(1).max(64).optional(),
    /** Of a measure that reads registers: which records, and what they make. */
    records: recordRuleSchema.optional(),
    /** Of a measure that reads the registry of devices and spaces: what of it counts. */
    registry: registryRuleSchema.optional(),
    /** What the number of the bands is. */
    quantity: bilingualSchema.optional(),
    /** Best first. */
    bands: z.array(bandSchema).default([]),
    /** Points for each one, up to `points`. */
    perUnit: z
      .array(z.strictObject({ id: dottedSchema, points: z.number().positive(), condition: bilingualSchema }))
      .default([]),
    deduction: z.strictObject({ perMissing: z.number().positive(), floor: z.number().min(0) }).optional(),
    /** Values that no band of the source takes, and the band our convention puts them in. */
    gap: rangeSchema.omit({ minBound: true, maxBound: true }).extend({ band: slugSchema }).optional(),
    insideBand: z.enum(insideBandRules).optional(),
    /** What we chose where the source is silent. */
    convention: bilingualSchema.optional(),
    /** The functions are judged beside the number, and the lower band stands. */
    functionsLimitBand: z.boolean().default(false),
    /** The band is named by a measure or a person, not found from a number or a share of functions. */
    graded: z.boolean().default(false),
    functions: z.array(functionSchema),
    /** The source ends its list of functions with "and the like". */
    functionsOpen: z.boolean().default(false),
    openQuestions: z.array(bilingualSchema).default([]),
  })
  .superRefine((item, context) => {
    for (const problem of itemProblems(item)) context.addIssue(`${item.id}: ${problem}`);
  })
  .transform((item) => ({ ...item, basis: basisOf[item.evidenceSource] }));
export type RubricItem = z.infer<typeof itemSchema>;

interface ItemShape {
  readonly points: number;
  readonly bands: readonly Band[];
  readonly perUnit: readonly { id: string }[];
  readonly deduction?: unknown;
  readonly insideBand?: string | undefined;
  readonly functions: readonly { id: string }[];
  readonly gap?: (Omit<z.infer<typeof rangeSchema>, 'minBound' | 'maxBound'> & { band: string }) | undefined;
}

function itemProblems(item: ItemShape): string[] {
  const problems: string[] = [];
  const { bands } = item;
  for (const list of [bands, item.functions, item.perUnit]) {
    if (new Set(list.map((entry) => entry.id)).size !== list.length) problems.push('an id appears twice');
  }
  if ((bands.length === 0) === (item.perUnit.length === 0))
    problems.push('has bands, or points for each one');
  if (bands.length > 0 && bands[0]?.points.max !== item.points)
    problems.push('the best band earns the points');
  for (const [index, band] of bands.entries()) {
    const better = bands[index - 1];
    if (better !== undefined && band.points.max >= better.points.min)
      problems.push('bands are not best first');
  }
  const leavesRange = bands.some((band) => band.points.min < band.points.max) && item.deduction === undefined;
  if (leavesRange !== (item.insideBand !== undefined))
    problems.push('insideBand is given for a range of points');
  if (item.gap !== undefined && !bands.some((band) => band.id === item.gap?.band)) {
    problems.push('the gap falls to no band');
  }
  const parts = new Set(item.functions.map(({ id }) => id));
  for (const { id, needs } of bands) {
    const unknown = [...(needs?.all ?? []), ...(needs?.of ?? [])].filter((part) => !parts.has(part));
    if (unknown.length > 0) problems.push(`${id} needs ${unknown.join(', ')}, which it does not have`);
  }
  return [...problems, ...bandProblems(bands, item.gap)];
}

const indicatorSchema = z.strictObject({
  id: dottedSchema,
  name: bilingualSchema,
  points: z.number().positive(),
});

const sectionSchema = z.strictObject({
  id: slugSchema,
  name: bilingualSchema,
  points: z.number().positive(),
  indicators: z.array(indicatorSchema).min(1),
});

/** An occurrence that ends an application whatever the points. */
const vetoSchema = z.strictObject({
  id: dottedSchema,
  row: z.int().positive(),
  clause: z.string().min(1),
  name: bilingualSchema,
  occurrences: z.array(functionSchema).min(1),
  openQuestions: z.array(bilingualSchema).default([]),
});

/** From `min` (included) up to `max` (not included), in points of the whole rubric. */
const gradeSchema = z.strictObject({
  id: slugSchema,
  name: bilingualSchema,
  min: z.number().min(0),
  max: z.number().nullable(),
});

export const rubricSchema = z
  .strictObject({
    id: slugSchema,
    edition: z.string().min(1),
    /** Local days from which on and until which (not included) the edition is in force, where the source says so. */
    effective: z.strictObject({ from: z.iso.date(), to: z.iso.date().nullable() }).optional(),
    /** Id of the edition before this one. */
    supersedes: slugSchema.optional(),
    title: bilingualSchema,
    /** The document that the clauses belong to. */
    guideline: bilingualSchema,
    /** How items come together, where not by points: the lowest level, or the requirements that are met. */
    form: z.enum(['levels', 'requirements']).optional(),
    points: z.number().positive(),
    /** What each rule of `insideBand` means. */
    conventions: z.strictObject({
      linear: bilingualSchema,
      functions: bilingualSchema,
      assessor: bilingualSchema,
    }),
    openQuestions: z.array(bilingualSchema).default([]),
    vetoes: z.array(vetoSchema).min(1).optional(),
    /** Worst first; below the first there is no grade. */
    grades: z.array(gradeSchema).min(1).optional(),
    sections: z.array(sectionSchema).min(1),
    items: z.array(itemSchema).min(1),
  })
  .superRefine((rubric, context) => {
    for (const problem of sumProblems(rubric)) context.addIssue(problem);
  });
export type Rubric = z.infer<typeof rubricSchema>;

interface SumShape {
  readonly points: number;
  readonly grades?: readonly z.infer<typeof gradeSchema>[] | undefined;
  readonly sections: readonly z.infer<typeof sectionSchema>[];
  readonly items: readonly { id: string; section: string; indicator: string; points: number }[];
}

/** Every sum the document states must follow from its leaves. */
function sumProblems(rubric: SumShape): string[] {
  const problems: string[] = [];
  const check = (name: string, stated: number, parts: readonly { points: number }[]) => {
    const sum = parts.reduce((total, part) => total + part.points, 0);
    if (sum !== stated) problems.push(`${name} states ${stated} points, its parts make ${sum}`);
  };
  check('the rubric', rubric.points, rubric.sections);
  for (const section of rubric.sections) {
    check(section.id, section.points, section.indicators);
    for (const indicator of section.indicators) {
      const items = rubric.items.filter((item) => item.indicator === indicator.id);
      check(indicator.id, indicator.points, items);
      if (items.some((item) => item.section !== section.id)) {
        problems.push(`${indicator.id} has an item of another section`);
      }
    }
  }
  for (const [index, grade] of (rubric.grades ?? []).entries()) {
    const next = rubric.grades?.[index + 1];
    if (grade.max !== (next?.min ?? null)) problems.push(`grade ${grade.id} does not meet the next`);
  }
  const known = new Set(rubric.sections.flatMap((section) => section.indicators.map(({ id }) => id)));
  for (const item of rubric.items) {
    if (!known.has(item.indicator)) problems.push(`${item.id} belongs to no indicator`);
  }
  const ids = rubric.items.map((item) => item.id);
  if (new Set(ids).size !== ids.length) problems.push('an item appears twice');
  return problems;
}
