import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema, pageOf, pageQuery } from './common.ts';

/** GET /cctv/groups: who is asked, as configured; never a password. */
export const cctvGroupAnswer = z.object({
  id: z.string(),
  /** `file`: PARK_CONFIG_FILE, changed there; `saved`: the database. */
  origin: z.enum(['file', 'saved']),
  /** As schemas/cctv.ts has it, without secrets; null for a group of the file. */
  definition: z.record(z.string(), z.unknown()).nullable(),
  /** Which secrets are kept: `password`, `token`, `cameras/{deviceId}`. */
  secretsSet: z.array(z.string()),
  /** Grows with every change; 0 for a group of the file. */
  version: z.number(),
  changedAt: instantSchema.nullable(),
  changedBy: z.string().nullable(),
});
export type CctvGroup = z.infer<typeof cctvGroupAnswer>;
export const cctvGroupsAnswer = pageOf(cctvGroupAnswer);

/** PUT /cctv/groups/{id} */
export const cctvGroupBody = z.strictObject({
  /** A group as in PARK_CONFIG_FILE; `password` and `token` in place of files. Secrets that are not given stay. */
  definition: z.record(z.string(), z.unknown()),
  /** The version that was edited; 0 for a new group. Another one in force meanwhile is a conflict. */
  base: z.number().int().min(0),
});

/** GET /cctv/cameras: how asking each camera went last. */
export const camerasQuery = z.strictObject({
  ...pageQuery,
  group: idSchema.optional(),
  device: idSchema.optional(),
  /** Only those that do not answer, or left something unsaid. */
  trouble: z.stringbool().default(false),
});
export const cameraProbeAnswer = z.object({
  deviceId: z.string(),
  /** Null where no such device is registered. */
  deviceName: z.string().nullable(),
  group: z.string(),
  askedAt: instantSchema,
  answers: z.boolean(),
  answeredAt: instantSchema.nullable(),
  /** What could not be learned, in words. */
  troubles: z.array(z.string()),
  /** The camera's clock minus ours, s. */
  clockOffsetS: z.number().nullable(),
  /** How far back its recordings reach, s. */
  reachS: z.number().nullable(),
  recording: z.boolean().nullable(),
  /** Which share of the local day was recorded, when that was told last. */
  recordedShare: z.number().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  firmware: z.string().nullable(),
});
export type CameraProbeAnswer = z.infer<typeof cameraProbeAnswer>;
export const camerasAnswer = pageOf(cameraProbeAnswer);
