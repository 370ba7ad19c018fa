import { z } from 'zod';
import { idSchema } from './ids.ts';
import { answerMappingSchema, spanListSchema } from './mapping.ts';
import { parseMappingPath, type MappingPath } from './mapping-path.ts';
import { parseTemplate, type Template } from './mapping-topic.ts';

/**
 * Cameras and recorders that a gateway asks for their health, and platforms that are asked for theirs, as configured
 * (`cctv:` in PARK_CONFIG_FILE, or saved through the API).
 */

const noCredentials = (url: string) => {
  if (!URL.canParse(url)) return false;
  const { username, password, hash } = new URL(url);
  return username === '' && password === '' && hash === '';
};

const withoutCredentials = 'is an address without credentials: use username and passwordFile';

const onvifUrl = z
  .string()
  .max(512)
  .regex(/^https?:\/\/[^\s/]/, 'is http://host[:port]/onvif/device_service')
  .refine(noCredentials, withoutCredentials);

const rtspUrl = z
  .string()
  .max(512)
  // A control character would end the request line.
  .regex(/^rtsp:\/\/[^\s/][\x21-\x7e]*$/, 'is rtsp://host[:port]/path')
  .refine(noCredentials, withoutCredentials);

export const cctvLimits = {
  cameras: 20_000,
  concurrency: 256,
  groups: 100,
  /** Questions of one platform, and pages of one question. */
  requests: 20,
  pages: 200,
  /** Characters of a password or token. */
  secret: 1_024,
} as const;

const secretSchema = z.string().min(1).max(cctvLimits.secret);

const loginFields = {
  username: z.string().min(1).max(64).optional(),
  /** Through the API; kept encrypted, never told again. */
  password: secretSchema.optional(),
  /** In a file: another file with it, relative to that file. */
  passwordFile: z.string().min(1).optional(),
} as const;

export const cctvCameraSchema = z.strictObject({
  /** A registered device. */
  deviceId: idSchema,
  /** Its class: of a recorder only whether it answers is asked. */
  class: z.enum(['camera', 'recorder']).default('camera'),
  onvif: onvifUrl.optional(),
  rtsp: rtspUrl.optional(),
  /** The device that keeps the recordings, where it is not the camera: a recorder's ONVIF address. */
  recorder: onvifUrl.optional(),
  /** Which recording is this camera's. Absent: the first. */
  recording: z.string().min(1).max(64).optional(),
  ...loginFields,
});

const countPath = z.string().transform((text, context): MappingPath => {
  const path = parseMappingPath(text);
  if (path !== null && !path.wild) return path;
  context.addIssue(`"${text}" is no path of a list; it is written data.list`);
  return z.NEVER;
});

/** Asked page by page until one is not full. */
const pagesSchema = z.strictObject({
  /** The parameter with the number of the page. */
  parameter: z.string().min(1).max(64),
  first: z.int().min(0).max(1).default(1),
  sizeParameter: z.string().min(1).max(64).optional(),
  size: z.int().min(1).max(1_000).default(100),
  /** Where an answer has its list. */
  items: countPath,
});
export type CctvPages = z.output<typeof pagesSchema>;

const requestSchema = z.strictObject({
  /** Below the platform's address, e.g. `/api/channels?online=all`. */
  path: z
    .string()
    .max(512)
    .regex(/^\/[\x21-\x7e]*$/, 'begins with "/" and has no blanks'),
  pages: pagesSchema.optional(),
  /** What the answer means: mappings without a topic. */
  read: z.array(answerMappingSchema).min(1).max(20),
});

/** What may stand in the address of recordings beside `{@path}` of the channel's item. */
const recordingCaptures = ['device', 'from', 'to'] as const;

const recordingsPath = z.string().transform((text, context): Template => {
  const template = parseTemplate(text);
  const fault = typeof template === 'string' ? template : recordingsFault(text, template);
  if (fault === null && typeof template !== 'string') return template;
  context.addIssue(fault ?? 'is no address');
  return z.NEVER;
});

function recordingsFault(text: string, { parts }: Template): string | null {
  if (!/^\/[\x21-\x7e]*$/.test(text)) return 'begins with "/" and has no blanks';
  const names = parts.flatMap((part) => (part.kind === 'capture' ? [part.name] : []));
  const unknown = names.find((name) => !(recordingCaptures as readonly string[]).includes(name));
  if (unknown !== undefined) return `has {${unknown}}; {device}, {from}, {to} or {@path} was expected`;
  return names.includes('from') && names.includes('to')
    ? null
    : 'asks for a span of time: it has {from} and {to}';
}

/** What is recorded of each channel, asked one by one: a GB/T 28181 platform's record query. */
const recordingsSchema = z.strictObject({
  /** The mapping that tells the channels; absent: the first. */
  of: idSchema.optional(),
  /** `{from}` and `{to}` in the form of the spans; `{@path}` is of the channel's item, `{device}` our id. */
  path: recordingsPath,
  pages: pagesSchema.optional(),
  /** Where an answer has its recordings, and in which form their times (and those of the question) are. */
  spans: spanListSchema,
  /** Each channel once in so long. */
  everyS: z.number().min(60).max(86_400).default(900),
  /** How far back the oldest recording is looked for, days. */
  days: z.int().min(1).max(1_000).default(90),
});
export type CctvRecordings = z.output<typeof recordingsSchema>;

/** A recorder or video platform that tells of its cameras in JSON over HTTP; also one of GB/T 28181. */
export const cctvPlatformSchema = z.strictObject({
  url: z
    .string()
    .max(512)
    .regex(/^https?:\/\/[^\s/]/, 'is http://host[:port]')
    .refine(noCredentials, withoutCredentials)
    .transform((url) => url.replace(/\/+$/, '')),
  /** Registered as a recorder: told to be online while the platform answers. */
  deviceId: idSchema.optional(),
  /** The header with the token, where the platform wants one: `Authorization`, `api-key`, … */
  header: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'is the name of a header')
    .optional(),
  token: secretSchema.regex(/^[\x20-\x7e]+$/, 'has only ASCII characters').optional(),
  tokenFile: z.string().min(1).optional(),
  requests: z.array(requestSchema).min(1).max(cctvLimits.requests),
  recordings: recordingsSchema.optional(),
});
export type CctvPlatform = z.infer<typeof cctvPlatformSchema>;

export const cctvSchema = z
  .strictObject({
    /** The gateway's source is `cctv-{id}`. */
    id: idSchema,
    /** Each camera, and each platform, is asked once in so long. */
    intervalS: z.number().min(5).max(3_600).default(60),
    /** What seldom changes (resolution, completeness of the recording) once in so long. */
    slowIntervalS: z.number().min(5).max(86_400).default(300),
    /** Cameras asked at the same time. */
    concurrency: z.int().min(1).max(cctvLimits.concurrency).default(32),
    /** A camera that has not said everything after so long is given up for this round; of a platform, one page. */
    timeoutMs: z.int().min(100).max(60_000).default(5_000),
    /** For the platform, and for the cameras that have none of their own. */
    ...loginFields,
    cameras: z.array(cctvCameraSchema).max(cctvLimits.cameras).default([]),
    platform: cctvPlatformSchema.optional(),
  })
  .superRefine((given, context) => {
    if (given.timeoutMs > given.intervalS * 1000)
      context.addIssue('timeoutMs is not longer than the interval');
    if (given.cameras.length === 0 && given.platform === undefined)
      context.addIssue('has cameras, a platform, or both');
    loginFaults(given, (message) => context.addIssue(message));
    channelFaults(given.platform, (message) =>
      context.addIssue({ code: 'custom', path: ['platform', 'recordings', 'of'], message }),
    );
    tokenFaults(given.platform, (message) =>
      context.addIssue({ code: 'custom', path: ['platform'], message }),
    );
    const seen = new Set<string>();
    given.cameras.forEach((camera, index) => {
      const report = (message: string) =>
        context.addIssue({ code: 'custom', path: ['cameras', index], message });
      loginFaults(camera, report);
      if (camera.onvif === undefined && camera.rtsp === undefined) report('has onvif, rtsp or both');
      if (seen.has(camera.deviceId)) report(`${camera.deviceId} is asked twice`);
      seen.add(camera.deviceId);
    });
  });

interface LoginFields {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
}

function loginFaults(
  { username, password, passwordFile }: LoginFields,
  report: (fault: string) => void,
): void {
  if ((username === undefined) !== (password === undefined && passwordFile === undefined))
    report('username and passwordFile (through the API: password) go together');
  if (password !== undefined && passwordFile !== undefined) report('has one of password and passwordFile');
}

function channelFaults(platform: CctvPlatform | undefined, report: (fault: string) => void): void {
  const of = platform?.recordings?.of;
  const ids = platform?.requests.flatMap(({ read }) => read.map(({ id }) => id)) ?? [];
  if (of !== undefined && !ids.includes(of)) report(`${of} is none of the mappings: ${ids.join(', ')}`);
}

function tokenFaults(platform: CctvPlatform | undefined, report: (fault: string) => void): void {
  if (platform === undefined) return;
  const { header, token, tokenFile } = platform;
  if ((header === undefined) !== (token === undefined && tokenFile === undefined))
    report('header and tokenFile (through the API: token) go together');
  if (token !== undefined && tokenFile !== undefined) report('has one of token and tokenFile');
}

export type CctvCamera = z.infer<typeof cctvCameraSchema>;
export type CctvConfig = z.infer<typeof cctvSchema>;

/** The ledger's key of a group's values. */
export function cctvSource(groupId: string): string {
  return `cctv-${groupId}`;
}

/** What the last round learned of one camera. */
export interface CameraProbe {
  readonly deviceId: string;
  readonly group: string;
  /** When it was asked last, epoch milliseconds. */
  readonly atMs: number;
  readonly answers: boolean;
  /** What could not be learned, in words. */
  readonly troubles: readonly string[];
  /** The camera's clock minus ours, s; null: not told. */
  readonly clockOffsetS: number | null;
  /** How far back its recordings reach, s. */
  readonly reachS: number | null;
  readonly recording: boolean | null;
  /** Which share of the local day was recorded, when that was told last; null: not told. */
  readonly recordedShare: number | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
}
