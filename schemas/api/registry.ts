import { z } from 'zod';
import { severities, bilingualSchema } from '../device-class.ts';
import { idSchema, metricSchema } from '../ids.ts';
import { provenances, qualities } from '../reading.ts';
import { lifecycles, metricKinds, spaceKinds } from '../registry.ts';
import { spaceTags } from '../space-tags.ts';
import { unitNames } from '../units.ts';
import { asOfQuery, instantSchema, pageQuery } from './common.ts';

const attributesSchema = z.record(
  z.string().max(64),
  z.union([z.string().max(500), z.number(), z.boolean()]),
);

/** Each at most once, in their own order: the same declaration is always the same text. */
const spaceTagsSchema = z
  .array(z.enum(spaceTags))
  .max(spaceTags.length)
  .transform((given) => spaceTags.filter((tag) => given.includes(tag)));

/** GET|POST /spaces, PATCH|DELETE /spaces/{id} */
export const spaceSchema = z.object({
  id: idSchema,
  parentId: idSchema.nullable(),
  kind: z.enum(spaceKinds),
  /** What a key location is for: gate, crossroad, lobby, fire-lane … */
  role: z.string().nullable(),
  name: z.string(),
  areaM2: z.number().nullable(),
  /** What the park declares it to be; assessments count such places. */
  tags: z.array(z.enum(spaceTags)),
  validFrom: instantSchema,
});
export type Space = z.infer<typeof spaceSchema>;
export const spaceCreateBody = z.strictObject({
  id: idSchema,
  parentId: idSchema.nullable().default(null),
  kind: z.enum(spaceKinds),
  role: z.string().max(40).nullable().default(null),
  name: z.string().min(1).max(200),
  areaM2: z.number().positive().nullable().default(null),
  tags: spaceTagsSchema.default([]),
});
export const spacePatchBody = z.strictObject({
  parentId: idSchema.nullable().optional(),
  kind: z.enum(spaceKinds).optional(),
  role: z.string().max(40).nullable().optional(),
  name: z.string().min(1).max(200).optional(),
  areaM2: z.number().positive().nullable().optional(),
  tags: spaceTagsSchema.optional(),
});

/** GET /spaces?q=&parent= */
export const spacesQuery = z.strictObject({
  ...pageQuery,
  ...asOfQuery,
  q: z.string().max(100).optional(),
  parent: idSchema.optional(),
});

/**
 * What is known of a device's connection: `offline` by its own last word; `online` when something arrived within three
 * expected intervals of its class, at least five minutes; else `silent`.
 */
export const connectionStates = ['online', 'offline', 'silent'] as const;

/** GET /devices: `space` with everything below it, `q` in id and name. */
export const devicesQuery = z.strictObject({
  ...pageQuery,
  ...asOfQuery,
  class: z.string().max(41).optional(),
  space: idSchema.optional(),
  lifecycle: z.enum(lifecycles).optional(),
  provenance: z.enum(provenances).optional(),
  status: z.enum(connectionStates).optional(),
  q: z.string().max(100).optional(),
});
/** GET /points */
export const pointsQuery = z.strictObject({
  ...pageQuery,
  ...asOfQuery,
  device: idSchema.optional(),
  space: idSchema.optional(),
  class: z.string().max(41).optional(),
  metric: metricSchema.optional(),
});
export const deviceSchema = z.object({
  id: idSchema,
  name: z.string(),
  class: z.string(),
  spaceId: idSchema.nullable(),
  spaceName: z.string().nullable(),
  lifecycle: z.enum(lifecycles),
  provenance: z.enum(provenances),
  attributes: attributesSchema,
  validFrom: instantSchema,
  /** The field's own word (retained status or last will); null when it never said. */
  status: z.enum(['online', 'offline']).nullable(),
  lastSeen: instantSchema.nullable(),
  /** Like status and lastSeen of the present only: null in an answer `asOf` another instant. */
  connection: z.enum(connectionStates).nullable(),
});
export type Device = z.infer<typeof deviceSchema>;
export const deviceCreateBody = z.strictObject({
  id: idSchema,
  name: z.string().min(1).max(200),
  class: z.string(),
  spaceId: idSchema.nullable().default(null),
  lifecycle: z.enum(lifecycles).default('in-service'),
  provenance: z.enum(provenances).default('field'),
  attributes: attributesSchema.default({}),
});
/** Without defaults: what a patch leaves out stays as it is. `provenance` needs an administrator. */
export const devicePatchBody = z.strictObject({
  class: z.string().optional(),
  name: z.string().min(1).max(200).optional(),
  spaceId: idSchema.nullable().optional(),
  lifecycle: z.enum(lifecycles).optional(),
  provenance: z.enum(provenances).optional(),
  attributes: attributesSchema.optional(),
  reason: z.string().max(500).optional(),
});

export const pointSchema = z.object({
  key: z.string(),
  deviceId: z.string(),
  metric: z.string(),
  name: bilingualSchema,
  kind: z.enum(metricKinds),
  unit: z.string(),
  decimals: z.number(),
  states: z.array(z.object({ key: z.string(), name: bilingualSchema })),
  abnormal: z.record(z.string(), z.enum(severities)),
  expectedIntervalS: z.number(),
});
export type Point = z.infer<typeof pointSchema>;

/** GET /devices/{id} */
export const deviceDetailSchema = deviceSchema.extend({ points: z.array(pointSchema) });
/** GET /device-classes */
export const deviceClassSummarySchema = z.object({
  id: z.string(),
  name: bilingualSchema,
  deviceCount: z.number(),
  /** Names of the attributes that its devices may carry. */
  attributes: z.record(z.string(), bilingualSchema),
  /** What types of events mean, and how bad they are. */
  events: z.record(z.string(), z.object({ name: bilingualSchema, severity: z.enum(severities).optional() })),
  metrics: z.record(
    z.string(),
    z.object({
      name: bilingualSchema,
      /** Canonical; empty for states. */
      unit: z.string(),
      states: z.array(z.object({ key: z.string(), name: bilingualSchema })),
    }),
  ),
});

/** GET /latest */
export const latestSchema = z.object({
  point: z.string(),
  time: instantSchema,
  value: z.number(),
  quality: z.enum(qualities),
  unit: z.string(),
  /** The state's key, of state points. */
  state: z.string().optional(),
  provenance: z.enum(provenances),
});
export type Latest = z.infer<typeof latestSchema>;
export const latestAnswer = z.object({
  /** `ageS`: seconds from the reading's own time to this answer. */
  items: z.array(latestSchema.extend({ ageS: z.number() })),
  nextCursor: z.null(),
});
export type LatestWithAge = z.infer<typeof latestAnswer>['items'][number];

/** GET /overview: what the first page shows, in one answer. */
export const overviewSchema = z.object({
  devices: z.array(
    z.object({
      class: z.string(),
      total: z.number(),
      online: z.number(),
      offline: z.number(),
      silent: z.number(),
    }),
  ),
  readingsPerMinute: z.number(),
  alarms: z.record(z.enum(severities), z.object({ active: z.number(), unacknowledged: z.number() })),
  provenance: z.record(z.enum(provenances), z.number()),
});

/**
 * POST /imports?dryRun= : a park as one document, `spaces`, `devices` and `points`: YAML, JSON, a workbook with a sheet of
 * each, or CSV of one of them. What an entry leaves out gets its default when the entry is new, and stays as it is when it
 * exists.
 */
export const importSpaceSchema = spaceCreateBody.extend({ validFrom: instantSchema.optional() });
export const importDeviceSchema = deviceCreateBody.extend({ validFrom: instantSchema.optional() });
/** A metric that the class does not name, or one that is to be ignored. */
export const importPointSchema = z.strictObject({
  deviceId: idSchema,
  metric: metricSchema,
  ignored: z.boolean().default(false),
  kind: z.enum(['gauge', 'counter']).optional(),
  unit: z.enum(unitNames).optional(),
});
export const importDocumentSchema = z.strictObject({
  spaces: z.array(importSpaceSchema).default([]),
  devices: z.array(importDeviceSchema).default([]),
  points: z.array(importPointSchema).default([]),
});
export const importQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') });

const importCounts = z.object({ spaces: z.number(), devices: z.number(), points: z.number() });
/** One entry that is new or other than what stands. */
const importChangeSchema = z.object({
  kind: z.enum(['spaces', 'devices', 'points']),
  id: z.string(),
  change: z.enum(['create', 'change']),
  /** Of a change only what differs; values as JSON. */
  fields: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
});
export type ImportChange = z.infer<typeof importChangeSchema>;
export const importAnswer = z.object({
  dryRun: z.boolean(),
  created: importCounts,
  changed: importCounts,
  unchanged: importCounts,
  /** The first of them. */
  changes: z.array(importChangeSchema),
  /** A document that brings back what was changed, to be imported; null when nothing was. What was created stays. */
  undo: z.string().nullable(),
});
export type ImportAnswer = z.infer<typeof importAnswer>;

/** GET /exports/registry */
export const exportQuery = z.strictObject({
  format: z.enum(['yaml', 'csv', 'xlsx']).default('yaml'),
  /** Of CSV, which holds one table. */
  kind: z.enum(['spaces', 'devices', 'points']).default('devices'),
});
