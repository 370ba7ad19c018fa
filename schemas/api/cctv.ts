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

/** What a test asks at most, and how long it may take. */
export const cctvTestLimits = { cameras: 5, devices: 10, deadlineMs: 20_000 } as const;

/** POST /cctv/groups/{id}/test: a group as it is, or would be, saved. */
export const cctvTestBody = z.strictObject({ definition: z.record(z.string(), z.unknown()) });

const cctvTestDevice = z.object({
  deviceId: z.string(),
  answers: z.boolean(),
  /** What could not be learned, in words. */
  troubles: z.array(z.string()),
  /** Maker, model, firmware; empty where it does not tell. */
  maker: z.string(),
  /** By metric, in its unit. */
  values: z.record(z.string(), z.union([z.number(), z.string()])),
});
export type CctvTestDevice = z.infer<typeof cctvTestDevice>;

export const cctvTestAnswer = z.object({
  durationMs: z.number(),
  /** The first of the group. */
  cameras: z.array(cctvTestDevice),
  camerasLeftOut: z.number(),
  platform: z
    .object({
      answers: z.boolean(),
      troubles: z.array(z.string()),
      /** Devices that it told of, and the first of them. */
      found: z.number(),
      devices: z.array(cctvTestDevice),
      /** Of one channel; null where recordings are not asked for, or no channel is there. */
      recordings: cctvTestDevice.nullable(),
    })
    .nullable(),
});
export type CctvTestAnswer = z.infer<typeof cctvTestAnswer>;

/** Whoever can ask cameras, in this process or another. */
export interface CctvDesk {
  /** @param definition a group with its secrets, already found to be right */
  test(definition: Readonly<Record<string, unknown>>): Promise<CctvTestAnswer>;
}
