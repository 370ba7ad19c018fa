import { z } from 'zod';
import { severities } from '../device-class.ts';
import { idSchema } from '../ids.ts';
import { instantSchema } from './common.ts';
import { usernameSchema } from './people.ts';

/** What an alarm system asks of its operators (EEMUA 191, ISA-18.2), per operator position. */

export const positionSchema = z.strictObject({
  id: idSchema,
  name: z.string().trim().min(1).max(100),
  nameEn: z.string().trim().min(1).max(100).nullable().default(null),
  /** Spaces and all below them; empty: any. */
  spaces: z.array(idSchema).max(100).default([]),
  /** Empty: any. */
  deviceClasses: z.array(z.string().max(100)).max(100).default([]),
  /** Who sits there. */
  people: z.array(usernameSchema).max(100).default([]),
});
export type OperatorPosition = z.infer<typeof positionSchema>;

/** PUT /operator-positions : all of them, in order; the first that fits takes an alarm, `main` takes the rest. */
export const positionsBody = z.strictObject({
  items: z.array(positionSchema).max(50),
  reason: z.string().trim().min(1).max(500),
});
export const positionsSchema = z.object({ items: z.array(positionSchema) });

const mostDays = 366;

/** GET /alarm-figures : local days of the park, both inclusive. */
export const figuresQuery = z
  .strictObject({
    from: z.iso.date(),
    to: z.iso.date(),
    /** Absent: all positions together. */
    position: idSchema.optional(),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'is not before from' })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) < mostDays * 86_400_000, {
    path: ['to'],
    message: `is within ${mostDays} days of from`,
  });

const bySeverity = z.object({
  critical: z.number(),
  high: z.number(),
  medium: z.number(),
  low: z.number(),
});

/** How long things took; percentiles are upper bounds of classes 26 % wide. Null without any. */
const durationSchema = z.object({
  count: z.number(),
  meanS: z.number().nullable(),
  medianS: z.number().nullable(),
  p95S: z.number().nullable(),
});
export type DurationFigures = z.infer<typeof durationSchema>;

export const sourceFigureSchema = z.object({
  ruleId: z.string(),
  ruleName: z.string(),
  ruleNameEn: z.string().nullable(),
  object: z.string(),
  deviceId: z.string(),
  deviceName: z.string(),
  raised: z.number(),
  /** Of all that was raised. */
  share: z.number(),
  chattered: z.number(),
});
export type SourceFigure = z.infer<typeof sourceFigureSchema>;

export const alarmFiguresSchema = z.object({
  from: z.string(),
  to: z.string(),
  position: z.string().nullable(),
  /** Positions together have a rate each: figures per ten minutes are of all of them as one. */
  positions: z.array(positionSchema),
  /** What is in: up to this instant. Null before anything was counted. */
  foldedAt: instantSchema.nullable(),
  announced: z.number(),
  recorded: z.number(),
  bySeverity,
  rate: z.object({
    /** Ten-minute buckets in the time. */
    buckets: z.number(),
    mean: z.number().nullable(),
    median: z.number().nullable(),
    p95: z.number().nullable(),
    p99: z.number().nullable(),
    peak: z.number().nullable(),
    peakAt: instantSchema.nullable(),
    perDay: z.number().nullable(),
    /** Share of buckets with more than is manageable, with more than the most, with a flood. */
    overManageable: z.number().nullable(),
    overMost: z.number().nullable(),
    inFlood: z.number().nullable(),
  }),
  floods: z.object({ count: z.number(), longestMs: z.number() }),
  acknowledge: durationSchema,
  clear: durationSchema,
  chattering: z.object({ sources: z.number(), alarms: z.number() }),
  top: z.array(sourceFigureSchema),
  /** Share of the ten most frequent ones. */
  topShare: z.number().nullable(),
  /** Active for more than a day now, oldest first, and how many. */
  standing: z.object({
    count: z.number(),
    items: z.array(
      z.object({
        alarmId: z.string(),
        ruleName: z.string(),
        ruleNameEn: z.string().nullable(),
        deviceId: z.string(),
        deviceName: z.string(),
        severity: z.enum(severities),
        raisedAt: instantSchema,
        acknowledged: z.boolean(),
      }),
    ),
  }),
  /** Time that alarms were kept from the operators; of several at once each counts. */
  held: z.object({ shelvedS: z.number(), suppressedS: z.number(), outOfServiceS: z.number() }),
  days: z.array(
    z.object({
      day: z.string(),
      announced: z.number(),
      recorded: z.number(),
      bySeverity,
      peak: z.number(),
      floodBuckets: z.number(),
      standing: z.number(),
      shelvedS: z.number(),
      suppressedS: z.number(),
      outOfServiceS: z.number(),
    }),
  ),
});
export type AlarmFigures = z.infer<typeof alarmFiguresSchema>;

export const floodCauses = ['parent', 'gateway', 'device', 'rule', 'space', 'other'] as const;

export const floodCauseSchema = z.object({
  kind: z.enum(floodCauses),
  /** Of the device, gateway, rule or space; empty for what has nothing in common. */
  id: z.string(),
  name: z.string(),
  nameEn: z.string().nullable(),
  count: z.number(),
  unacknowledged: z.number(),
  severity: z.enum(severities),
  firstAt: instantSchema,
  /** The first ones, most urgent first. */
  ids: z.array(z.string()),
});
export type FloodCause = z.infer<typeof floodCauseSchema>;

/** GET /alarm-floods : those that go on, then those that are over, newest first. */
export const floodSchema = z.object({
  id: z.string(),
  position: z.string(),
  beganAt: instantSchema,
  endedAt: instantSchema.nullable(),
  announced: z.number(),
  peak: z.number(),
  causes: z.array(floodCauseSchema),
});
export type AlarmFlood = z.infer<typeof floodSchema>;
