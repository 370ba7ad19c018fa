import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { limits } from '../limits.ts';
import { instantSchema, pageQuery } from './common.ts';

export const credentialKinds = ['password', 'certificate'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** What the credentials of a device cover beside its own id: a gateway speaks for others. */
export const fieldGrantSchema = z.object({
  /** Device ids. */
  children: z.array(idSchema).max(limits.grantChildren),
  /** Every device whose id begins so. */
  prefixes: z.array(idSchema).max(limits.grantPrefixes),
  /** MQTT filters of vendors' topics, which a mapping reads. */
  topics: z.array(z.string().min(1).max(200)).max(limits.grantTopics),
  /** Packets a second that are acknowledged; null for the default of the program. */
  packetsPerS: z.number().int().min(1).max(100_000).nullable(),
  /** Connections at a time; null for the default. */
  connections: z.number().int().min(1).max(1_000).nullable(),
});
export type FieldGrant = z.infer<typeof fieldGrantSchema>;
export const noGrant: FieldGrant = {
  children: [],
  prefixes: [],
  topics: [],
  packetsPerS: null,
  connections: null,
};

export const credentialSchema = z.object({
  id: z.string(),
  deviceId: z.string(),
  /** Null when the device is no longer one of the park. */
  deviceName: z.string().nullable(),
  kind: z.enum(credentialKinds),
  /** Common name in the client certificate; null of a password. */
  subject: z.string().nullable(),
  createdAt: instantSchema,
  createdBy: z.string(),
  /** Null: until it is rotated or revoked. */
  expiresAt: instantSchema.nullable(),
  lastUsedAt: instantSchema.nullable(),
  lastAddress: z.string().nullable(),
});
export type FieldCredential = z.infer<typeof credentialSchema>;

/** GET /field-credentials: those that stand, by device. */
export const credentialsQuery = z.strictObject({ ...pageQuery, device: idSchema.optional() });

/** POST /field-credentials: one password each. */
export const credentialCreateBody = z.strictObject({
  deviceIds: z.array(idSchema).min(1).max(limits.credentialsAtOnce),
});
/** The secrets are shown here and never again; the user name is the id of the device. */
export const credentialSecretSchema = z.object({
  credential: credentialSchema,
  username: z.string(),
  secret: z.string(),
});
export type CredentialSecret = z.infer<typeof credentialSecretSchema>;
export const credentialCreateAnswer = z.object({ items: z.array(credentialSecretSchema) });

/** POST /field-credentials/certificates: a device is known by a name in certificates of the park's authority. */
export const certificateCreateBody = z.strictObject({
  deviceId: idSchema,
  subject: z.string().min(1).max(64),
});

/** POST /field-credentials/{id}/rotate */
export const rotateBody = z.strictObject({
  /** How long the old one stands beside the new one. */
  overlapS: z
    .number()
    .int()
    .min(0)
    .max(limits.credentialOverlapS)
    .default(24 * 3_600),
});

/** GET|PATCH /devices/{id}/field-access */
export const fieldAccessAnswer = z.object({
  grant: fieldGrantSchema,
  credentials: z.array(credentialSchema),
  /** Live connections at the embedded broker; null where another broker is used. */
  connections: z.number().nullable(),
});
export type FieldAccessAnswer = z.infer<typeof fieldAccessAnswer>;
export const grantPatchBody = z.strictObject(fieldGrantSchema.partial().shape);

/** GET|PATCH /field-policy */
export const fieldPolicySchema = z.object({
  /** Whether the shared credential (MQTT_USERNAME, or none on loopback) still lets devices in. */
  sharedLogin: z.boolean(),
});
export type FieldPolicy = z.infer<typeof fieldPolicySchema>;
export const fieldPolicyPatchBody = z.strictObject({ sharedLogin: z.boolean() });

/**
 * POST /broker/login and /broker/permission: an external broker asks. Its own further fields are of no interest, so they
 * are let through.
 */
export const brokerLoginBody = z.object({
  username: z.string().max(128).default(''),
  password: z.string().max(256).default(''),
  clientid: z.string().max(512).default(''),
  /** Common name of a client certificate that the broker has verified. */
  certificate: z.string().max(128).optional(),
  address: z.string().max(64).default(''),
});
export const brokerPermissionBody = z.object({
  username: z.string().max(128).default(''),
  clientid: z.string().max(512).default(''),
  topic: z.string().max(1_024),
  /** EMQX: publish or subscribe. */
  action: z.enum(['publish', 'subscribe']).optional(),
  /** mosquitto: 1 read, 2 write, 3 both, 4 subscribe; also as text. */
  acc: z.coerce.number().int().min(1).max(4).optional(),
  certificate: z.string().max(128).optional(),
});
/** One answer that both families of brokers understand. */
export const brokerAnswer = z.object({
  result: z.enum(['allow', 'deny']),
  ok: z.boolean(),
  error: z.string(),
  is_superuser: z.boolean(),
});
export type BrokerAnswer = z.infer<typeof brokerAnswer>;
