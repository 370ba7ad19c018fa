import { z } from 'zod';
import { bilingualSchema, severities } from '../device-class.ts';
import { idSchema } from '../ids.ts';
import {
  attemptOutcomes,
  channelBodySchema,
  channelSecretsSchema,
  deliveryStates,
  noticeKinds,
  preferencesSchema,
  pushAddressSchema,
} from '../notify.ts';
import { roles } from '../roles.ts';
import { instantSchema, pageQuery } from './common.ts';
import { usernameSchema } from './people.ts';

/** POST /notify/channels, PUT /notify/channels/{id}: secrets are written and never read again. */
export const channelWriteBody = channelBodySchema.extend({ secrets: channelSecretsSchema.default({}) });

/** GET /notify/channels */
export const channelSchema = channelBodySchema.extend({
  /** Which secrets it has. */
  secretsSet: z.array(z.enum(['password', 'secret', 'signingKey', 'url'])),
  health: z.object({
    /** Failures in a row. */
    failures: z.number(),
    failingSince: instantSchema.nullable(),
    /** Left alone until then. */
    openUntil: instantSchema.nullable(),
    lastError: z.string(),
    lastDeliveredAt: instantSchema.nullable(),
    /** Messages that wait for it. */
    waiting: z.number(),
  }),
});
export type Channel = z.infer<typeof channelSchema>;

/** POST /notify/channels/{id}/test: to oneself unless a name is given; a group's needs none. */
export const channelTestBody = z.strictObject({ username: usernameSchema.optional() });
export const channelTestAnswer = z.object({ deliveryId: z.string() });

const onCallShape = {
  people: z.array(z.object({ username: z.string(), displayName: z.string(), isActive: z.boolean() })),
  by: z.enum(['override', 'holiday', 'shift', 'nobody']),
};
/** GET /notify/on-call: every roster, now. */
export const onCallSchema = z.object({ roster: z.string(), name: z.string(), ...onCallShape });
export type OnCallNow = z.infer<typeof onCallSchema>;

/** GET /notify/rosters/{id}/on-call */
export const onCallQuery = z.strictObject({ from: instantSchema, to: instantSchema });
export const onCallSpanSchema = z.object({ from: instantSchema, to: instantSchema, ...onCallShape });
export type OnCallSpan = z.infer<typeof onCallSpanSchema>;

/** GET /notify/preview: of an alarm, or of what one could be like. */
export const previewQuery = z.strictObject({
  alarm: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'an alarm id is a number')
    .optional(),
  severity: z.enum(severities).default('high'),
  category: z.string().max(60).default(''),
  space: idSchema.optional(),
  deviceClass: z.string().max(41).default(''),
  rule: idSchema.optional(),
  team: z.string().max(100).default(''),
});
const recipientSchema = z.object({
  channel: z.string(),
  channelName: z.string(),
  /** Null for a group. */
  username: z.string().nullable(),
  displayName: z.string().nullable(),
  /** Later than the step where quiet hours hold it back. */
  at: instantSchema,
});
export const previewSchema = z.object({
  at: instantSchema,
  routes: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      steps: z.array(
        z.object({
          afterMinutes: z.number(),
          recipients: z.array(recipientSchema),
          holes: z.array(z.object({ object: z.string(), reason: z.string() })),
          /** Nobody who was named can be reached: all administrators are told. */
          isFallback: z.boolean(),
        }),
      ),
    }),
  ),
});
export type Preview = z.infer<typeof previewSchema>;

/** GET /notify/deliveries : newest first. */
export const deliveriesQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(deliveryStates).optional(),
  channel: idSchema.optional(),
  username: usernameSchema.optional(),
  alarm: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'an alarm id is a number')
    .optional(),
});
export const deliverySchema = z.object({
  id: z.string(),
  /** What receivers know a repetition by. */
  key: z.string(),
  alarmId: z.string().nullable(),
  rule: bilingualSchema.nullable(),
  deviceName: z.string().nullable(),
  severity: z.enum(severities).nullable(),
  kind: z.enum(noticeKinds),
  channel: z.string(),
  username: z.string().nullable(),
  state: z.enum(deliveryStates),
  createdAt: instantSchema,
  dueAt: instantSchema,
  doneAt: instantSchema.nullable(),
  attempts: z.number(),
  /** Went out together with others. */
  digest: z.boolean(),
  lastError: z.string().nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;
/** GET /notify/deliveries/{id} */
export const deliveryDetailSchema = deliverySchema.extend({
  log: z.array(
    z.object({
      at: instantSchema,
      durationMs: z.number(),
      outcome: z.enum(attemptOutcomes),
      code: z.string(),
      excerpt: z.string(),
    }),
  ),
});
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;

/** GET /notify/people: who can be named; addresses are told to administrators only. */
export const reachablePersonSchema = z.object({
  username: z.string(),
  displayName: z.string(),
  role: z.enum(roles),
  isActive: z.boolean(),
  hasEmail: z.boolean(),
  hasPhone: z.boolean(),
});
export type ReachablePerson = z.infer<typeof reachablePersonSchema>;

/** GET|PUT /notify/me, /notify/people/{username} */
export const preferencesBody = preferencesSchema;

/** GET /notify/push-key */
export const pushKeySchema = z.object({ publicKey: z.string() });
/** GET|POST /notify/me/browsers: a subscription as browsers tell it, and which browser it is. */
export const pushSubscribeBody = z.strictObject({
  endpoint: pushAddressSchema.shape.endpoint,
  keys: pushAddressSchema.pick({ p256dh: true, auth: true }),
  label: z.string().trim().min(1).max(200),
});
export const pushBrowserSchema = z.object({
  id: z.string(),
  endpoint: z.string(),
  label: z.string(),
  createdAt: instantSchema,
});
export type PushBrowser = z.infer<typeof pushBrowserSchema>;

/** GET /notify/inbox: what came to the console and was not on screen yet, newest first. */
export const inboxItemSchema = z.object({
  id: z.string(),
  kind: z.enum(noticeKinds),
  alarmId: z.string().nullable(),
  severity: z.enum(severities).nullable(),
  rule: bilingualSchema.nullable(),
  deviceName: z.string().nullable(),
  at: instantSchema,
});
export type InboxItem = z.infer<typeof inboxItemSchema>;
/** POST /notify/inbox/seen: that one and all before it. */
export const inboxSeenBody = z.strictObject({
  id: z.string().regex(/^[1-9]\d{0,14}$/, 'is an id of the inbox'),
});
