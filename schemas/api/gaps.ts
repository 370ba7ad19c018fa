import { z } from 'zod';
import { bilingualSchema } from '../device-class.ts';
import { pointsSchema } from './assessment.ts';

/** More members are not counted in at a time. */
export const mostSupposed = 5_000;
/** More gaps are not supposed to be mended at a time; a list has no more. */
export const mostGaps = 500;

/**
 * What can be mended: members of one class in one building that lack the same (`silent` since a day, `never` heard in the
 * period, `gaps` on some days, `empty` places without any such device, `other`), `all` members of an item; a `function` that
 * nothing proves, or all `functions` that an item lacks where one alone brings less; `records` that a register lacks; a `claim` that nobody made or approved.
 */
export const mendableKinds = [
  'silent',
  'never',
  'gaps',
  'empty',
  'other',
  'all',
  'function',
  'functions',
  'records',
  'claim',
] as const;
/** Beside it what counts now and soon does not: a certificate, a claim, a drill. */
export const gapKinds = [...mendableKinds, 'lapse'] as const;

const localDay = z.iso.date();

/** By what a gap is found again: a condition, whatever number of members it has. */
const conditionShape = {
  item: z.string().min(1).max(100),
  class: z.string().max(64).nullable(),
  space: z.string().max(64).nullable(),
  /** The last local day with data, of `silent`. */
  since: localDay.nullable(),
  function: z.string().max(64).nullable(),
};
export const gapConditionSchema = z.strictObject({ kind: z.enum(mendableKinds), ...conditionShape });
export type GapCondition = z.infer<typeof gapConditionSchema>;

/**
 * GET /assessments/{rubricId}/gaps?from=&to= : most points for the least effort first; nothing is stored. The effort is a
 * rule, told in docs/gaps.md: things to be done, each weighed by its kind.
 */
export const gapSchema = z.object({
  kind: z.enum(gapKinds),
  ...conditionShape,
  itemName: bilingualSchema,
  spaceName: z.string().nullable(),
  functionName: bilingualSchema.nullable(),
  /** Of `records`: which register, and what the rubric asks for. */
  register: z.object({ id: z.string(), name: bilingualSchema }).nullable(),
  band: bilingualSchema.nullable(),
  /** When a record, or an event that proves the function, was seen last: a local day; null when never, or not known. */
  lastSeen: localDay.nullable(),
  /** Of `lapse`: what counts for the last time on which day; the first of several. */
  ends: z.object({ name: z.string(), day: localDay, days: z.number() }).nullable(),
  /** A claim that waits for a second person. */
  isPending: z.boolean(),
  /** At most 50 are named of so many. */
  members: z.array(z.string()),
  count: z.number(),
  effort: z.number(),
  /** Points of the item now, and with these mended; of `lapse`, with these gone. */
  before: pointsSchema.nullable(),
  after: pointsSchema.nullable(),
  /** What it brings, or keeps: by our convention inside a range. */
  gain: z.number(),
  /** True where people decide how much of it comes, or how much is there already. */
  isAtMost: z.boolean(),
});
export type Gap = z.infer<typeof gapSchema>;
export const gapsSchema = z.object({ items: z.array(gapSchema) });

/** The condition of a gap of the list; null of one that cannot be mended. */
export function conditionOf(gap: Gap): GapCondition | null {
  const { kind, item, space, since } = gap;
  if (kind === 'lapse') return null;
  return { kind, item, class: gap.class, space, since, function: gap.function };
}

/** POST /assessments/{rubricId}/what-if?from=&to= : as if all this were mended. Nothing is stored. */
export const whatIfBody = z
  .strictObject({
    members: z.array(z.string().min(1).max(100)).max(mostSupposed).default([]),
    gaps: z.array(gapConditionSchema).max(mostGaps).default([]),
  })
  .refine(({ members, gaps }) => members.length + gaps.length > 0, 'names what is mended');
const totalSchema = z.object({ determined: pointsSchema, undetermined: z.number(), maximum: z.number() });
export const whatIfSchema = z.object({
  before: totalSchema,
  after: totalSchema,
  /** Members that are counted in. */
  members: z.number(),
  /** Items that would earn something else. */
  items: z.array(
    z.object({
      item: z.string(),
      name: bilingualSchema,
      before: pointsSchema.nullable(),
      after: pointsSchema.nullable(),
      reason: bilingualSchema,
    }),
  ),
  /** Members that no measure counts by days, pictures or recordings. */
  unknown: z.array(z.string()),
  /** Gaps that are there no more. */
  mended: z.number(),
});
export type WhatIf = z.infer<typeof whatIfSchema>;
