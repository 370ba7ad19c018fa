import { z } from 'zod';
import { severities, type Severity } from './device-class.ts';
import { idSchema } from './ids.ts';
import { usernameSchema } from './api/people.ts';
import { localDaySchema, timeOfDaySchema, windowSchema } from './time-window.ts';

/**
 * Who is told of an alarm, how, and when somebody else is. `console` is the browser of whoever is logged in, `push` a
 * browser in which somebody wants to be told though no console is open; `http` is a
 * provider of short messages or calls that is asked by a request of one's own making.
 */
export const channelKinds = [
  'console',
  'push',
  'email',
  'http',
  'webhook',
  'dingtalk',
  'wecom',
  'feishu',
] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** Those that reach one person; the others reach a group, or a program. */
export const personalKinds = ['console', 'push', 'email', 'http'] as const satisfies readonly ChannelKind[];
export type PersonalKind = (typeof personalKinds)[number];

export function isPersonal(kind: ChannelKind): kind is PersonalKind {
  return (personalKinds as readonly string[]).includes(kind);
}

export const languages = ['zh-CN', 'en'] as const;
export type NoticeLanguage = (typeof languages)[number];

const nameSchema = z.string().trim().min(1).max(100);
const urlSchema = z
  .url({ protocol: /^https?$/, error: 'is an address that begins with https:// or http://' })
  .max(2_000);
const hostSchema = z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'is a host name or an address');
const headerSchema = z.record(
  z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'is the name of a header'),
  z
    .string()
    .max(1_000)
    .regex(/^[^\r\n]*$/, 'is one line'),
);

/** What a channel needs besides its secrets. */
export const channelConfigSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('console') }),
  z.strictObject({ kind: z.literal('push') }),
  z.strictObject({
    kind: z.literal('email'),
    host: hostSchema,
    port: z.int().min(1).max(65_535),
    /** `tls` from the first byte (465), `starttls` required before anything else (587), `none` for a relay next door. */
    security: z.enum(['tls', 'starttls', 'none']),
    username: z.string().max(200).default(''),
    from: z.email().max(200),
    /** Of an authority that the server's certificate comes from, PEM; empty: those that Node knows. */
    caCertificate: z.string().max(20_000).default(''),
  }),
  z.strictObject({
    kind: z.literal('http'),
    purpose: z.enum(['sms', 'voice']),
    method: z.enum(['POST', 'PUT', 'GET']).default('POST'),
    /** Placeholders `{{phone}} {{text}} {{title}} {{key}} {{secret}}` are filled in, escaped for where they stand. */
    url: z
      .string()
      .max(2_000)
      .regex(/^https?:\/\/[^{}\s]+/, 'is an address that begins with https:// or http://'),
    contentType: z.enum(['json', 'form', 'text']).default('json'),
    headers: headerSchema.default({}),
    body: z.string().max(4_000).default(''),
    /** Where in a JSON answer it stands whether it was taken, e.g. `Code`; empty: any 2xx answer will do. */
    successPath: z.string().max(100).default(''),
    successValue: z.string().max(100).default(''),
    /** Characters that one message may have. */
    maxLength: z.int().min(20).max(2_000).default(300),
  }),
  z.strictObject({ kind: z.literal('webhook'), url: urlSchema }),
  z.strictObject({ kind: z.literal('dingtalk') }),
  z.strictObject({ kind: z.literal('wecom') }),
  z.strictObject({ kind: z.literal('feishu') }),
]);
export type ChannelConfig = z.infer<typeof channelConfigSchema>;

/** What is written once and never read again through the API. The address of a robot is one: who has it can speak as it. */
export const secretFields: Readonly<Record<ChannelKind, readonly SecretField[]>> = {
  console: [],
  push: [],
  email: ['password'],
  http: ['secret'],
  webhook: ['signingKey'],
  dingtalk: ['url', 'signingKey'],
  wecom: ['url'],
  feishu: ['url', 'signingKey'],
};
export type SecretField = 'password' | 'secret' | 'signingKey' | 'url';

/** Fields that are to be written; null takes one away, an absent one stays. */
export const channelSecretsSchema = z.strictObject({
  password: z.string().min(1).max(500).nullable().optional(),
  secret: z.string().min(1).max(500).nullable().optional(),
  signingKey: z.string().min(1).max(500).nullable().optional(),
  url: urlSchema.nullable().optional(),
});
export type ChannelSecrets = z.infer<typeof channelSecretsSchema>;

export const channelBodySchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  enabled: z.boolean().default(true),
  /** Of what goes to a group; a person has a language of their own. */
  language: z.enum(languages).default('zh-CN'),
  /** Messages a minute; robots of DingTalk and WeCom take 20, of Feishu 100. */
  perMinute: z.int().min(1).max(600).default(20),
  config: channelConfigSchema,
});
export type ChannelBody = z.infer<typeof channelBodySchema>;

/** People who belong together: a department, a maintenance firm. */
export const teamBodySchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  people: z.array(usernameSchema).max(200).default([]),
});
export type TeamBody = z.infer<typeof teamBodySchema>;

export const shiftSchema = z.strictObject({
  name: nameSchema,
  /** In the order in which they take over from each other; nobody is a hole. */
  people: z.array(usernameSchema).max(100),
  /** How long one of them stands; a week begins on the weekday of `startDay`. */
  every: z.enum(['day', 'week']),
  count: z.int().min(1).max(52).default(1),
  /** The first day of the first person. */
  startDay: localDaySchema,
  /** When one hands over to the next, by the park's clock. */
  handover: timeOfDaySchema,
  /** When the shift stands; empty: always. */
  windows: z.array(windowSchema).max(20).default([]),
});
export type Shift = z.infer<typeof shiftSchema>;

export const rosterBodySchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  /** Side by side: where two stand at once, both are on call. */
  shifts: z.array(shiftSchema).max(10),
  /** Who stands on rest days of the park's calendar, from midnight to midnight; nobody: the shifts go on. */
  holidayPeople: z.array(usernameSchema).max(20).default([]),
  /** Somebody stands in; of two that overlap the one that begins later holds. */
  overrides: z
    .array(
      z
        .strictObject({
          from: z.iso.datetime({ offset: true }),
          to: z.iso.datetime({ offset: true }),
          people: z.array(usernameSchema).max(20),
          reason: z.string().trim().max(200).default(''),
        })
        .refine((each) => Date.parse(each.from) < Date.parse(each.to), {
          path: ['to'],
          error: 'lies after from',
        }),
    )
    .max(500)
    .default([]),
});
export type RosterBody = z.infer<typeof rosterBodySchema>;
export type Roster = RosterBody;

/** `rule-team`: the team that the alarm rule names as responsible. */
export const targetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person'), id: usernameSchema }),
  z.strictObject({ kind: z.literal('team'), id: idSchema }),
  z.strictObject({ kind: z.literal('roster'), id: idSchema }),
  z.strictObject({ kind: z.literal('rule-team') }),
  z.strictObject({ kind: z.literal('admins') }),
]);
export type NoticeTarget = z.infer<typeof targetSchema>;

export const stepSchema = z
  .strictObject({
    /** After the alarm was raised, minutes. */
    afterMinutes: z
      .int()
      .min(0)
      .max(7 * 1_440),
    targets: z.array(targetSchema).max(20).default([]),
    /** Ways to use; people are reached by every personal one of their own when none is named. */
    channels: z.array(idSchema).max(20).default([]),
  })
  .refine((step) => step.targets.length + step.channels.length > 0, {
    path: ['targets'],
    error: 'names somebody, or a channel',
  });
export type Step = z.infer<typeof stepSchema>;

export const matchSchema = z.strictObject({
  /** Every list: one of them; an empty list: any. */
  severities: z.array(z.enum(severities)).default([]),
  categories: z.array(z.string().min(1).max(60)).max(50).default([]),
  /** With everything below them. */
  spaces: z.array(idSchema).max(100).default([]),
  deviceClasses: z.array(z.string().min(1).max(41)).max(50).default([]),
  rules: z.array(idSchema).max(100).default([]),
  /** When the alarm was raised, by the park's clock. */
  windows: z.array(windowSchema).max(20).default([]),
});
export type Match = z.infer<typeof matchSchema>;

export const routeBodySchema = z
  .strictObject({
    id: idSchema,
    name: nameSchema,
    enabled: z.boolean().default(true),
    /** Lower ones are asked first. */
    position: z.int().min(0).max(10_000).default(100),
    /** No later route is asked when this one matches. */
    isLast: z.boolean().default(false),
    match: matchSchema,
    /** One after the other until somebody acknowledges. */
    steps: z.array(stepSchema).min(1).max(10),
    /** The last step again and again until somebody acknowledges. */
    repeat: z
      .strictObject({ everyMinutes: z.int().min(1).max(1_440), times: z.int().min(1).max(100) })
      .nullable()
      .default(null),
    /** Quiet hours of people are not kept. A critical alarm never keeps them. */
    breaksQuiet: z.boolean().default(false),
    /** Messages wait for so long and come as one, minutes. */
    digestMinutes: z.int().min(1).max(1_440).nullable().default(null),
    /** No further step once the alarm has cleared by itself. */
    endsWhenCleared: z.boolean().default(true),
    tellCleared: z.boolean().default(false),
    tellAcknowledged: z.boolean().default(false),
  })
  .refine(({ steps }) => steps.every((step, i) => step.afterMinutes >= (steps[i - 1]?.afterMinutes ?? 0)), {
    path: ['steps'],
    error: 'stand in the order of their times',
  });
export type RouteBody = z.infer<typeof routeBodySchema>;

/** The week's alarm figures, sent on a day of the week; of the last whole week, Monday to Sunday. */
export const reportBodySchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  enabled: z.boolean().default(true),
  /** Monday is 1, Sunday 7. */
  weekday: z.int().min(1).max(7).default(1),
  /** By the park's clock. */
  time: timeOfDaySchema.default('08:00'),
  /** The operator position it tells of; null: all together. */
  position: idSchema.nullable().default(null),
  targets: z
    .array(targetSchema.refine(({ kind }) => kind !== 'rule-team', 'a report belongs to no rule'))
    .max(20),
  /** Ways to use; none: e-mail. */
  channels: z.array(idSchema).max(20).default([]),
});
export type ReportBody = z.infer<typeof reportBodySchema>;

const everySeverity = (): Severity[] => [...severities];

/** What somebody says about being told. */
export const preferencesSchema = z.strictObject({
  email: z.email().max(200).nullable().default(null),
  /** With the country code where it is not the park's. */
  phone: z
    .string()
    .regex(/^\+?[0-9][0-9 -]{4,20}$/, 'is a telephone number')
    .nullable()
    .default(null),
  language: z.enum(languages).default('zh-CN'),
  /** Severities that may come by each way. */
  ways: z
    .strictObject({
      console: z.array(z.enum(severities)).default(everySeverity),
      push: z.array(z.enum(severities)).default(everySeverity),
      email: z.array(z.enum(severities)).default(everySeverity),
      http: z.array(z.enum(severities)).default(everySeverity),
    })
    .default({
      console: everySeverity(),
      push: everySeverity(),
      email: everySeverity(),
      http: everySeverity(),
    }),
  /** Messages wait until these are over; critical ones, and those to who is on call, do not. */
  quiet: z.array(windowSchema).max(20).default([]),
});
export type Preferences = z.infer<typeof preferencesSchema>;

/** Where a browser takes messages, and what they are encrypted for (RFC 8291); base64url. */
export const pushAddressSchema = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/ }).max(1_000),
  p256dh: z.string().regex(/^[A-Za-z0-9_-]{87}$/, 'is a public key of 65 bytes in base64url'),
  auth: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'is a secret of 16 bytes in base64url'),
});
export type PushAddress = z.infer<typeof pushAddressSchema>;

/** What a message is about. */
export const noticeKinds = [
  'raised',
  'repeated',
  'escalated',
  'acknowledged',
  'cleared',
  'fallback',
  /** To whom an alarm was given by somebody else. */
  'assigned',
  'report',
  'test',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** `waiting` to be sent, or to be sent again; `dead` was given up and can be tried again by hand. */
export const deliveryStates = ['waiting', 'sending', 'delivered', 'dead', 'cancelled'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** `retry`: it did not work, it may later; `refused`: it never will; `limited`: the other end is busy. */
export const attemptOutcomes = ['delivered', 'retry', 'limited', 'refused'] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];
