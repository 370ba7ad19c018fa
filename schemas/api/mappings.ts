import { z } from 'zod';
import { limits } from '../limits.ts';
import { packetReasons, qualities, valueReasons } from '../reading.ts';
import { instantSchema, saidSchema } from './common.ts';

/** POST /mappings/try: what a message would become. Nothing is stored. */
export const tryMappingBody = z.strictObject({
  /** `mappings:` as in PARK_CONFIG_FILE, YAML or JSON. */
  mapping: z.string().max(limits.packetBytes),
  topic: z.string().min(1).max(1_024),
  /** As text; what a device really sent, pasted. */
  payload: z.string().max(limits.packetBytes),
  /** The sender's MQTT client id, for mappings that ask for `{client}`. */
  clientId: z.string().max(128).optional(),
});
export type TryMappingBody = z.output<typeof tryMappingBody>;

const rejectedSchema = z.object({
  metric: z.string(),
  reason: z.enum(valueReasons),
  detail: z.string(),
  said: saidSchema,
});

const triedSchema = z.object({
  /** Null when no mapping takes the topic. */
  mappingId: z.string().nullable(),
  deviceId: z.string().nullable(),
  /** The whole message, or one of its items, was refused. */
  refused: z.object({ reason: z.enum(packetReasons), detail: z.string(), said: saidSchema }).nullable(),
  samples: z.array(
    z.object({
      metric: z.string(),
      value: z.union([z.number(), z.string()]),
      /** Null for states, and for metrics that no class has. */
      unit: z.string().nullable(),
      quality: z.enum(qualities),
      time: instantSchema,
      untimed: z.boolean(),
    }),
  ),
  events: z.array(
    z.object({
      type: z.string(),
      id: z.string().nullable(),
      time: instantSchema,
      untimed: z.boolean(),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
  rejected: z.array(rejectedSchema),
  status: z.enum(['online', 'offline']).nullable(),
});
export type Tried = z.infer<typeof triedSchema>;

export const tryMappingAnswer = z.object({
  /** What is wrong with the mapping, where it stands in its text; then there are no results. */
  faults: z.array(z.object({ path: z.string(), message: z.string(), line: z.number(), column: z.number() })),
  results: z.array(triedSchema),
});
export type TryMappingAnswer = z.infer<typeof tryMappingAnswer>;

/** GET /mappings/ready-made */
export const readyMadeAnswer = z.object({
  items: z.array(z.object({ name: z.string(), mapping: z.string() })),
  nextCursor: z.null(),
});
export type ReadyMadeAnswer = z.infer<typeof readyMadeAnswer>;

const versionSchema = z.object({
  version: z.number(),
  note: z.string(),
  savedAt: instantSchema,
  savedBy: z.string(),
});
export type MappingVersion = z.infer<typeof versionSchema>;
export const savedMappingSchema = versionSchema.extend({ mapping: z.string() });
export type SavedMapping = z.infer<typeof savedMappingSchema>;

/** GET /mappings */
export const mappingsAnswer = z.object({
  /** In force in every process some seconds after it was saved; null before the first. */
  current: savedMappingSchema.nullable(),
  /** Newest first. */
  versions: z.array(versionSchema),
  /** How many mappings PARK_CONFIG_FILE has; null where it is not known in this process. */
  fileMappings: z.number().nullable(),
});
export type MappingsAnswer = z.infer<typeof mappingsAnswer>;

/** GET /mappings/received: what vendors' devices sent last, to try a mapping on. */
export const receivedAnswer = z.object({
  /** Newest first, one a topic; null where the broker is not ours, and nothing of it passes through here. */
  items: z.array(z.object({ topic: z.string(), at: instantSchema, payload: z.string() })).nullable(),
});
export type ReceivedAnswer = z.infer<typeof receivedAnswer>;

/** POST /mappings */
export const saveMappingBody = z.strictObject({
  mapping: z.string().max(limits.packetBytes),
  note: z.string().max(200).default(''),
  /** The version that was edited; 0 before the first. Another one in force meanwhile is a conflict. */
  base: z.number().int().min(0),
});

/** The part of the gateway that the API asks; a gateway itself is never reached from there. */
export interface MappingDesk {
  /** Pure. @param receivedAtMs what would be the time of arrival, epoch ms */
  tryMapping(question: TryMappingBody, receivedAtMs: number): TryMappingAnswer;
  /** What is wrong with a text, beside the mappings of the configuration file; pure. */
  check(mapping: string): TryMappingAnswer['faults'];
  fileMappings(): number | null;
  readyMade(): ReadyMadeAnswer;
}
