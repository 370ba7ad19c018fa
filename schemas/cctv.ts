import { z } from 'zod';
import { idSchema } from './ids.ts';

/** Cameras and recorders that a gateway asks for their health, as configured (`cctv:` in PARK_CONFIG_FILE). */

const noCredentials = (url: string) => {
  if (!URL.canParse(url)) return false;
  const { username, password, hash } = new URL(url);
  return username === '' && password === '' && hash === '';
};

const onvifUrl = z
  .string()
  .max(512)
  .regex(/^https?:\/\/[^\s/]/, 'is http://host[:port]/onvif/device_service')
  .refine(noCredentials, 'is an address without credentials: use username and passwordFile');

const rtspUrl = z
  .string()
  .max(512)
  // A control character would end the request line.
  .regex(/^rtsp:\/\/[^\s/][\x21-\x7e]*$/, 'is rtsp://host[:port]/path')
  .refine(noCredentials, 'is an address without credentials: use username and passwordFile');

export const cctvLimits = { cameras: 20_000, concurrency: 256 } as const;

const loginFields = {
  username: z.string().min(1).max(64).optional(),
  /** Relative to the file. */
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

export const cctvSchema = z
  .strictObject({
    /** The gateway's source is `cctv-{id}`. */
    id: idSchema,
    /** Each camera is asked once in so long. */
    intervalS: z.number().min(5).max(3_600).default(60),
    /** What seldom changes (resolution, completeness of the recording) once in so long. */
    slowIntervalS: z.number().min(5).max(86_400).default(300),
    /** Cameras asked at the same time. */
    concurrency: z.int().min(1).max(cctvLimits.concurrency).default(32),
    /** A camera that has not said everything after so long is given up for this round. */
    timeoutMs: z.int().min(100).max(60_000).default(5_000),
    /** For the cameras that have none of their own. */
    ...loginFields,
    cameras: z.array(cctvCameraSchema).min(1).max(cctvLimits.cameras),
  })
  .superRefine((given, context) => {
    if (given.timeoutMs > given.intervalS * 1000)
      context.addIssue('timeoutMs is not longer than the interval');
    const paired = (one: { username?: string | undefined; passwordFile?: string | undefined }) =>
      (one.username === undefined) === (one.passwordFile === undefined);
    if (!paired(given)) context.addIssue('username and passwordFile go together');
    const seen = new Set<string>();
    given.cameras.forEach((camera, index) => {
      const report = (message: string) =>
        context.addIssue({ code: 'custom', path: ['cameras', index], message });
      if (!paired(camera)) report('username and passwordFile go together');
      if (camera.onvif === undefined && camera.rtsp === undefined) report('has onvif, rtsp or both');
      if (seen.has(camera.deviceId)) report(`${camera.deviceId} is asked twice`);
      seen.add(camera.deviceId);
    });
  });

export type CctvCamera = z.infer<typeof cctvCameraSchema>;
export type CctvConfig = z.infer<typeof cctvSchema>;
