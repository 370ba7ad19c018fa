import { z } from 'zod';
import { metricSchema } from './ids.ts';
import { metricKinds } from './registry.ts';
import { citationFault } from './standards.ts';
import { unitNames } from './units.ts';

/** A text in the two languages of the product. */
export const bilingualSchema = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });
export type Bilingual = z.infer<typeof bilingualSchema>;

export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

const attributeKeySchema = z.string().regex(/^[a-z][A-Za-z0-9]{0,40}$/);

const metricDefinitionSchema = z.strictObject({
  name: bilingualSchema,
  kind: z.enum(metricKinds),
  /** Canonical unit; absent exactly for states. Pure numbers have `1`. */
  unit: z.enum(unitNames).optional(),
  /** Plausible range, inclusive; outside it a value is rejected as `implausible`. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** State names by code: the first is 0. A boolean metric has the states `off` and `on`; true is `on`. */
  states: z
    .array(z.strictObject({ key: metricSchema, name: bilingualSchema }))
    .min(2)
    .optional(),
  /** States that are not normal, with the severity the console colours them by. */
  abnormal: z.record(metricSchema, z.enum(severities)).optional(),
  expectedIntervalS: z.number().positive(),
  /** One unit of the last digit that the instrument shows (counters: DESIGN §6 dip rule). */
  resolution: z.number().positive().optional(),
  /** The register wraps to zero at this value. */
  modulus: z.number().positive().optional(),
  /** Device attribute that replaces `modulus` for one device (a converter with a wider register). */
  modulusAttribute: attributeKeySchema.optional(),
  /** Device attribute with the largest rate of a counter, in its unit per hour (`maxRate` of DESIGN §6). */
  rateAttribute: attributeKeySchema.optional(),
  /** The largest rate of a counter, in its unit per hour, where no attribute of the device tells one. */
  maxRatePerHour: z.number().positive().optional(),
  /**
   * Days until a date, told by the system itself: the date in an attribute of the device, or `nextDue` of its newest
   * event of a type, whichever is later.
   */
  due: z.strictObject({ attribute: attributeKeySchema, event: z.string().min(1).optional() }).optional(),
  /** How a mean is formed (DESIGN §5). */
  mean: z.enum(['arithmetic', 'energy', 'circular']).default('arithmetic'),
  /** Digits after the decimal point on screen. */
  decimals: z.int().min(0).max(6),
  /** False for metrics that many devices of the class do not have. */
  required: z.boolean().default(false),
});
export type MetricDefinition = z.infer<typeof metricDefinitionSchema>;
export type MetricInput = z.input<typeof metricDefinitionSchema>;

/** A device class: what its devices measure, as data. */
export const deviceClassSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z-]{1,40}$/),
    name: bilingualSchema,
    /** What its units, ranges, states and resolutions follow: standards with their editions, or a protocol. */
    sources: z.array(z.string().min(1)).min(1),
    /** What the class measures for metering and environment totals. */
    medium: z
      .enum(['electricity', 'water', 'gas', 'heat', 'air', 'noise', 'water-quality'])
      .array()
      .default([]),
    metrics: z.record(metricSchema, metricDefinitionSchema),
    /** What the device page and boards show first, in order. */
    headline: z.array(metricSchema).min(1),
    /** What may happen to a device of this class: types of events that mean the same whoever sends them. */
    events: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$/),
        z.strictObject({ name: bilingualSchema, severity: z.enum(severities).optional() }),
      )
      .default({}),
    /** Attributes a device of this class may carry, e.g. rated power, with unit in the key. */
    attributes: z.record(attributeKeySchema, bilingualSchema).default({}),
  })
  .superRefine((deviceClass, context) => {
    for (const source of deviceClass.sources) {
      const fault = citationFault(source);
      if (fault !== null) context.addIssue(fault);
    }
    for (const metric of deviceClass.headline) {
      if (!Object.hasOwn(deviceClass.metrics, metric)) {
        context.addIssue(`headline names ${metric}, which is no metric`);
      }
    }
    for (const [key, metric] of Object.entries(deviceClass.metrics)) {
      for (const problem of metricProblems(metric, deviceClass.attributes)) {
        context.addIssue(`${key}: ${problem}`);
      }
    }
  });
export type DeviceClass = z.infer<typeof deviceClassSchema>;
export type DeviceClassInput = z.input<typeof deviceClassSchema>;

function metricProblems(metric: MetricDefinition, attributes: Record<string, Bilingual>): string[] {
  const problems: string[] = [];
  const keys = (metric.states ?? []).map((state) => state.key);
  const isCounter = metric.kind === 'counter';
  if ((metric.kind === 'state') !== (metric.states !== undefined)) {
    problems.push('states are given exactly when kind is state');
  }
  if ((metric.kind === 'state') === (metric.unit !== undefined)) {
    problems.push('a unit is given exactly when kind is not state');
  }
  if (new Set(keys).size !== keys.length) problems.push('a state appears twice');
  for (const key of Object.keys(metric.abnormal ?? {})) {
    if (!keys.includes(key)) problems.push(`abnormal names ${key}, which is no state`);
  }
  if (isCounter !== (metric.resolution !== undefined))
    problems.push('counters have a resolution, others not');
  if (!isCounter && metric.modulus !== undefined) problems.push('only counters have a modulus');
  if ((metric.min ?? -Infinity) >= (metric.max ?? Infinity)) problems.push('min is not below max');
  if (!isCounter && metric.maxRatePerHour !== undefined) problems.push('only counters have a largest rate');
  if (metric.due !== undefined && (metric.kind !== 'gauge' || metric.unit !== 'd'))
    problems.push('what is due is a gauge in days');
  if (metric.due !== undefined && !Object.hasOwn(attributes, metric.due.attribute))
    problems.push(`names ${metric.due.attribute}, which is no attribute`);
  for (const attribute of [metric.modulusAttribute, metric.rateAttribute]) {
    if (attribute === undefined) continue;
    if (!isCounter) problems.push('only counters refer to attributes');
    if (!Object.hasOwn(attributes, attribute)) problems.push(`names ${attribute}, which is no attribute`);
  }
  return problems;
}
