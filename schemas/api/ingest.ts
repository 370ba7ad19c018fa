import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { limits } from '../limits.ts';
import { unitNames } from '../units.ts';
import { instantSchema, pageQuery, saidSchema } from './common.ts';

/** GET /sources: one gateway each, with its ledger (DESIGN §3). */
export const sourceSchema = z.object({
  source: z.string(),
  protocol: z.string(),
  connected: z.boolean(),
  detail: z.string(),
  /** The same as sentences with parameters. */
  said: z.array(saidSchema),
  lastAt: instantSchema.nullable(),
  /** Packets a second over the last 10 s, all processes together; null while nobody tells. */
  packetsPerS: z.number().nullable(),
  /** What was wrong last, whether it still is or not. */
  lastError: z.object({ at: instantSchema, text: z.string(), said: z.array(saidSchema) }).nullable(),
  packets: z.object({
    received: z.number(),
    refused: z.number(),
    usable: z.number(),
    acknowledged: z.number(),
    waiting: z.number(),
    unacknowledged: z.number(),
  }),
  values: z.object({
    received: z.number(),
    accepted: z.number(),
    rejected: z.record(z.string(), z.number()),
    undiscovered: z.number(),
    committed: z.number(),
    corrected: z.number(),
    duplicate: z.number(),
    waiting: z.number(),
    untimed: z.number(),
  }),
  events: z.object({ committed: z.number(), duplicate: z.number() }),
  sequence: z.object({ devices: z.number(), gaps: z.number(), repeats: z.number() }),
  /** What the external broker has lost since the first start; null where there is none (docs/brokers.md). */
  canary: z
    .object({
      /** How long the newest canary took, or the oldest is overdue. */
      lagMs: z.number().nullable(),
      /** Canaries that the broker had taken and that never came: it loses readings then, too. */
      holes: z.number(),
      /** How often it had forgotten our session, with everything that it held for us. */
      sessionsLost: z.number(),
      lostAt: instantSchema.nullable(),
    })
    .nullable(),
  /** Whether both ledger equations hold at this instant. */
  balanced: z.boolean(),
});
export type Source = z.infer<typeof sourceSchema>;

/** GET /rejections, newest first */
export const rejectionsQuery = z.strictObject({
  ...pageQuery,
  device: z.string().max(64).optional(),
  reason: z.string().max(40).optional(),
  source: z.string().max(64).optional(),
});
export const rejectionSchema = z.object({
  id: z.string(),
  at: instantSchema,
  source: z.string(),
  address: z.string(),
  deviceId: z.string().nullable(),
  /** Whether it is registered; of others the discoveries tell. */
  knownDevice: z.boolean(),
  reason: z.string(),
  detail: z.string(),
  /** Null where an earlier version wrote it. */
  said: saidSchema.nullable(),
  valueCount: z.number(),
  metrics: z.array(z.string()),
  /** The first 4 KiB as text; bytes that are not UTF-8 are shown as \xNN. */
  payload: z.string(),
  payloadBytes: z.number(),
});

/** GET /late-book, newest first: what came when it was older than the horizon. */
export const lateOutcomes = ['stored', 'register', 'refused'] as const;
export const lateBookQuery = z.strictObject({
  ...pageQuery,
  device: z.string().max(64).optional(),
  outcome: z.enum(lateOutcomes).optional(),
});
export const lateEntrySchema = z.object({
  id: z.string(),
  /** When it came. */
  at: instantSchema,
  source: z.string(),
  deviceId: z.string(),
  metrics: z.array(z.string()),
  /** What times it told of, the last included. */
  from: instantSchema,
  to: instantSchema,
  valueCount: z.number(),
  /**
   * `stored`: its days had received nothing, and are made of it. `register`: samples of counters, weighed against those
   * that are kept. `refused`: in the rejection book too.
   */
  outcome: z.enum(lateOutcomes),
});
export type LateEntry = z.infer<typeof lateEntrySchema>;

/** GET /discoveries, in order of the device's id. */
export const discoveriesQuery = z.strictObject({ ...pageQuery, device: z.string().max(64).optional() });
export const discoverySchema = z.object({
  deviceId: z.string(),
  /** True when the device is known and only these metrics are not. */
  knownDevice: z.boolean(),
  metrics: z.array(z.string()),
  guessedClass: z.string().nullable(),
  packets: z.number(),
  firstSeen: instantSchema,
  lastSeen: instantSchema,
  sample: z.string(),
});
export const adoptBody = z.strictObject({
  class: z.string(),
  name: z.string().min(1).max(200).optional(),
  spaceId: idSchema.optional(),
});
export const adoptMetricBody = z.strictObject({
  kind: z.enum(['gauge', 'counter']).default('gauge'),
  unit: z.enum(unitNames).default('1'),
});
export const adoptAnswer = z.object({ packets: z.number(), values: z.number() });

/** GET /events, newest first */
export const eventsQuery = z.strictObject({
  ...pageQuery,
  device: idSchema.optional(),
  type: z.string().max(200).optional(),
  from: instantSchema.optional(),
  to: instantSchema.optional(),
});
export const eventSchema = z.object({
  id: z.string(),
  deviceId: z.string(),
  time: instantSchema,
  untimed: z.boolean(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** GET /devices/{id}/field-trace */
export const fieldTraceAnswer = z.object({
  /** Newest first, of this process since its start; null where the field is read by another one. */
  packets: z
    .array(
      z.object({
        at: instantSchema,
        source: z.string(),
        address: z.string(),
        kind: z.enum(['telemetry', 'event', 'status', 'refused']),
        refused: z.object({ reason: z.string(), detail: z.string(), said: saidSchema }).nullable(),
        values: z.number(),
        rejected: z.number(),
        /** The first KiB as text, personal data masked. */
        payload: z.string(),
        size: z.number(),
      }),
    )
    .nullable(),
  /** Of each source that numbers its messages. */
  sequences: z.array(z.object({ source: z.string(), gaps: z.number(), repeats: z.number() })),
});
export type FieldTrace = z.infer<typeof fieldTraceAnswer>;

/** POST /discoveries/adopt: many unknown devices at once, all of them or none. */
export const adoptManyBody = z.strictObject({
  items: z
    .array(adoptBody.extend({ deviceId: idSchema }))
    .min(1)
    .max(limits.adoptAtOnce),
});
