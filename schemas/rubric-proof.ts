import { z } from 'zod';
import { severities } from './device-class.ts';
import { metricSchema } from './ids.ts';
import { filterSchema, recordRuleSchema, registerSchema } from './rubric-records.ts';
import { registryRuleSchema } from './rubric-registry.ts';
import { spaceTags } from './space-tags.ts';

/**
 * What proves that a function works in a park, as data beside the function. Several proofs of one function are
 * alternatives. Nothing that only we did is a proof: each kind ends with a reading, an event of a device or of another
 * system's adapter, a delivery receipt, or a second person.
 */
const classesSchema = z
  .array(z.string().regex(/^[a-z][a-z-]{1,40}$/))
  .min(1)
  .max(10);
const eventTypesSchema = z
  .array(
    z
      .string()
      .max(64)
      .regex(/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$/),
  )
  .min(1)
  .max(10);
/** So many days before the end of the period are looked at instead of the period: for what is exercised rarely. */
const windowDays = z.int().min(1).max(366).optional();

/** Devices whose readings arrive: on 95 % of the local days of each. */
const liveSchema = z.strictObject({
  kind: z.literal('live'),
  classes: classesSchema,
  /** Any of them is enough on a day. */
  metrics: z.array(metricSchema).min(1).max(10),
  /** Only devices whose attribute holds one of the words. */
  attributes: z.record(z.string(), z.array(z.string()).min(1)).optional(),
  /** Only devices in spaces that the park declares as one of these. */
  in: z.array(z.enum(spaceTags)).min(1).optional(),
  /** One device; so many percent of the devices; or one in each declared space. */
  least: z.union([
    z.literal('one'),
    z.literal('every-space'),
    z.strictObject({ share: z.number().min(1).max(100) }),
  ]),
  /** Good readings that make a day. */
  perDay: z.int().min(1).max(1_440).default(1),
});

/** Every device shows one of the states, by a reading at most a day old at the end of the period. */
const stateProofSchema = z.strictObject({
  kind: z.literal('state'),
  classes: classesSchema,
  metric: metricSchema,
  states: z.array(z.string().min(1)).min(1),
});

/** Every device carries a date in the attribute that is not passed at the end of the period. */
const dueSchema = z.strictObject({
  kind: z.literal('due'),
  classes: classesSchema,
  attribute: z.string().min(1),
});

/** An enabled alarm rule watches a device of a class. */
const ruleSchema = z.strictObject({ kind: z.literal('rule'), classes: classesSchema });

/** A device, or the adapter of another system, reported that it happened. */
const eventProofSchema = z.strictObject({
  kind: z.literal('event'),
  classes: classesSchema,
  types: eventTypesSchema,
  /** So many different devices must have reported it. */
  leastDevices: z.int().min(1).max(100).default(1),
  windowDays,
});

/** An alarm of a device of a class, as far as it went. */
const alarmProofSchema = z.strictObject({
  kind: z.literal('alarm'),
  classes: classesSchema,
  metrics: z.array(metricSchema).min(1).optional(),
  severities: z.array(z.enum(severities)).min(1).optional(),
  /** It was raised; somebody was told outside this program and the message was taken; a person acknowledged it. */
  step: z.enum(['raised', 'delivered', 'acknowledged']),
  windowDays,
});

/** A command that the device itself confirmed. */
const commandProofSchema = z.strictObject({ kind: z.literal('command'), classes: classesSchema, windowDays });

/** An alarm that a device of another system answered by itself, soon after. */
const linkageSchema = z.strictObject({
  kind: z.literal('linkage'),
  classes: classesSchema,
  answeredBy: classesSchema,
  types: eventTypesSchema,
  withinS: z.int().min(1).max(3_600),
  windowDays,
});

/** Displays reported that they show a publication: all in service the same one, or one of them another than the rest. */
const publicationSchema = z.strictObject({
  kind: z.literal('publication'),
  classes: classesSchema,
  types: eventTypesSchema,
  /** Field of the event's data with the publication's id. */
  key: z.string().min(1).max(64),
  reach: z.enum(['all', 'one']),
  windowDays,
});

/** Messages that a channel's other side took. */
const deliverySchema = z.strictObject({
  kind: z.literal('delivery'),
  channels: z.array(z.enum(['email', 'http', 'webhook', 'dingtalk', 'wecom', 'feishu'])).min(1),
  windowDays,
});

/** A device came into service within the window, and its readings followed. */
const onboardedSchema = z.strictObject({ kind: z.literal('onboarded'), windowDays });

export const proofSchema = z.discriminatedUnion('kind', [
  liveSchema,
  stateProofSchema,
  dueSchema,
  ruleSchema,
  eventProofSchema,
  alarmProofSchema,
  commandProofSchema,
  linkageSchema,
  publicationSchema,
  deliverySchema,
  onboardedSchema,
]);
export type Proof = z.infer<typeof proofSchema>;
export type ProofOf<K extends Proof['kind']> = Extract<Proof, { kind: K }>;

/** Which declared spaces count, and the devices that make each of them counted. */
export const coverageSchema = z.strictObject({
  spaces: z.array(z.enum(spaceTags)).min(1),
  classes: classesSchema,
  metrics: z.array(metricSchema).min(1).max(10),
  attributes: z.record(z.string(), z.array(z.string()).min(1)).optional(),
});
export type Coverage = z.infer<typeof coverageSchema>;

/** Measures whose findings prove a part of an item. */
export const foundMeasures = [
  'remote-metering',
  'video-retention',
  'video-quality',
  'environment-monitoring',
  'space-coverage',
  'registry',
  'records',
] as const;
export type FoundMeasure = (typeof foundMeasures)[number];

/** Which parameter each of them goes by; the others know none. */
export const foundParameters = {
  'space-coverage': 'coverage',
  registry: 'registry',
  records: 'records',
} as const satisfies Partial<Record<FoundMeasure, string>>;
const parameters = ['coverage', 'registry', 'records'] as const;
/** Rules of registers that make one number whatever the bands of the item are. */
const numberRules: ReadonlySet<string> = new Set(['share', 'sum-share', 'count', 'largest']);

/**
 * What another measure finds: its number reaches `least` (and does not pass `most`), a function of it is proven, or its band
 * is one of `bands`. `given` asks for a record beside it: a figure that holds for one kind of park only.
 */
const questionShape = {
  kind: z.literal('found'),
  measure: z.enum(foundMeasures),
  coverage: coverageSchema.optional(),
  registry: registryRuleSchema.optional(),
  records: recordRuleSchema.optional(),
  given: z.strictObject({ register: registerSchema, where: filterSchema }).optional(),
};
const foundSchema = z
  .strictObject({
    ...questionShape,
    least: z.number().min(0).optional(),
    most: z.number().min(0).optional(),
    function: z.string().min(1).max(64).optional(),
    bands: z.array(z.string().min(1)).min(1).optional(),
  })
  .superRefine((proof, context) => {
    for (const problem of [...questionProblems(proof), ...boundProblems(proof)]) context.addIssue(problem);
  });

/** A finding whose bound stands elsewhere: in the level of a rubric that asks more of each. */
export const figureProofSchema = z.strictObject(questionShape).superRefine((proof, context) => {
  for (const problem of questionProblems(proof)) context.addIssue(problem);
});

interface FoundShape {
  readonly measure: FoundMeasure;
  readonly coverage?: unknown;
  readonly registry?: unknown;
  readonly records?: { readonly kind: string } | undefined;
  readonly least?: number | undefined;
  readonly most?: number | undefined;
  readonly function?: string | undefined;
  readonly bands?: readonly string[] | undefined;
}

function questionProblems(proof: FoundShape): string[] {
  const { measure, records } = proof;
  const own = (foundParameters as Partial<Record<FoundMeasure, string>>)[measure];
  const problems = parameters.flatMap((name) => {
    if ((name === own) === (proof[name] !== undefined)) return [];
    return [name === own ? `${measure} goes by ${name}` : `${measure} does not know ${name}`];
  });
  if (records !== undefined && !numberRules.has(records.kind))
    problems.push(`the rule ${records.kind} makes no number`);
  return problems;
}

function boundProblems(proof: FoundShape): string[] {
  const { least, most } = proof;
  const problems: string[] = [];
  const asked = [least ?? most, proof.function, proof.bands].filter((value) => value !== undefined);
  if (asked.length !== 1) problems.push('a finding is asked for a number, a function or a band');
  if (least !== undefined && most !== undefined && least > most) problems.push('least is above most');
  return problems;
}

/** What proves a part of an item: all that proves a function, and what other measures find. */
export const partProofSchema = z.union([proofSchema, foundSchema]);
export type FoundProof = z.infer<typeof foundSchema>;
export type PartProof = Proof | FoundProof;
