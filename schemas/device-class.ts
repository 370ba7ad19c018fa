import { z } from 'zod';
import { metricSchema } from './ids.ts';
import { metricKinds } from './registry.ts';
import { unitNames } from './units.ts';

/** A text in the two languages of the product. */
export const bilingualSchema = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });
export type Bilingual = z.infer<typeof bilingualSchema>;

export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

const metricDefinitionSchema = z.strictObject({
  name: bilingualSchema,
  kind: z.enum(metricKinds),
  /** Canonical unit; absent for states and pure numbers. */
  unit: z.enum(unitNames).optional(),
  /** Plausible range, inclusive; outside it a value is rejected as `implausible`. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** State names by code: the first is 0. Booleans are the states `off`/`on` or the like. */
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
  /** How a mean is formed (DESIGN §5). */
  mean: z.enum(['arithmetic', 'energy', 'circular']).default('arithmetic'),
  /** Digits after the decimal point on screen. */
  decimals: z.int().min(0).max(6),
  /** False for metrics that many devices of the class do not have. */
  required: z.boolean().default(false),
});
export type MetricDefinition = z.infer<typeof metricDefinitionSchema>;

/** A device class: what its devices measure, as data. */
export const deviceClassSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z-]{1,40}$/),
    name: bilingualSchema,
    /** What the class measures for metering and environment totals. */
    medium: z
      .enum(['electricity', 'water', 'gas', 'heat', 'air', 'noise', 'water-quality'])
      .array()
      .default([]),
    metrics: z.record(metricSchema, metricDefinitionSchema),
    /** What the device page and boards show first, in order. */
    headline: z.array(metricSchema).min(1),
    /** Attributes a device of this class may carry, e.g. rated power, with unit in the key. */
    attributes: z.record(z.string().regex(/^[a-z][A-Za-z0-9]{0,40}$/), bilingualSchema).default({}),
  })
  .superRefine((deviceClass, context) => {
    for (const metric of deviceClass.headline) {
      if (!(metric in deviceClass.metrics)) context.addIssue(`headline names ${metric}, which is no metric`);
    }
    for (const [key, metric] of Object.entries(deviceClass.metrics)) {
      if ((metric.kind === 'state') !== (metric.states !== undefined)) {
        context.addIssue(`${key}: states are given exactly when kind is state`);
      }
    }
  });
export type DeviceClass = z.infer<typeof deviceClassSchema>;
