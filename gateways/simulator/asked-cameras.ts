import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#infra/clock.ts';
import type { CameraFault } from './camera-answers.ts';
import { startSimulatedCameras } from './cctv-server.ts';
import type { DeviceEntry } from './plan.ts';
import { mix, textKey, unit } from './random.ts';
import {
  platformConfig,
  recordingsConfig,
  startSimulatedVideoPlatform,
  type Recorded,
} from './video-platform.ts';

/**
 * Cameras of the simulated park that are asked for their health, over ONVIF and RTSP; and a video platform, as one of
 * GB/T 28181, that is asked for its channels. The park's other cameras are told of by their recorders over MQTT.
 */

const cameraPlaces = [
  ['cam-ip-1', '东路口网络摄像机', 'crossing-east'],
  ['cam-ip-2', '东停车场入口网络摄像机', 'parking-east'],
  ['cam-ip-3', '南园东网络摄像机', 'garden'],
  ['cam-ip-4', '南园西网络摄像机', 'garden'],
  ['cam-ip-5', '中心广场网络摄像机', 'plaza'],
  ['cam-ip-6', '西侧厂界网络摄像机', 'boundary-west'],
] as const;
const platformId = 'vms-1';
const channelPlaces = [
  ['34020000001320000001', '环园路平台通道1', 'road-ring'],
  ['34020000001320000002', '环园路平台通道2', 'road-ring'],
  ['34020000001320000003', '北门平台通道', 'gate-north'],
  ['34020000001320000004', '南门平台通道', 'gate-south'],
] as const;

/** As devices of an import document. */
export function askedCameras(): DeviceEntry[] {
  const device = (
    [id, name, spaceId]: readonly [string, string, string],
    rest: Pick<DeviceEntry, 'class' | 'attributes'>,
  ): DeviceEntry => ({ id, name, spaceId, provenance: 'simulated', ...rest });
  const attributes = { ratedWidthPx: 1920, ratedHeightPx: 1080, retentionTargetDays: 30 };
  return [
    ...cameraPlaces.map((place) => device(place, { class: 'camera', attributes })),
    device([platformId, '视频共享平台', 'control-room'], { class: 'recorder', attributes: {} }),
    ...channelPlaces.map((place) =>
      device(place, { class: 'camera', attributes: { ...attributes, nationalCode: place[0] } }),
    ),
  ];
}

const slotMs = 20 * 60_000;
const lookEveryMs = 30_000;
const dayMs = 86_400_000;
/** Share of the slots in which a camera has one of its bad times. */
const badShare = 0.08;
const passing = ['offline', 'signal-loss', 'not-recording', 'covered', 'garbage', 'slow'] as const;
/** Nobody ever set the clock of this one. */
const forgotten = 'cam-ip-6';

/** What is wrong with a camera at a time; the same seed has the same bad times. */
export function askedCameraFault(deviceId: string, seed: number, timeMs: number): CameraFault | null {
  if (deviceId === forgotten) return 'clock-lost';
  const [key, slot] = [mix(textKey(deviceId), seed), Math.floor(timeMs / slotMs)];
  if (unit(key, 2 * slot) >= badShare) return null;
  return passing[Math.floor(unit(key, 2 * slot + 1) * passing.length)] ?? null;
}

/** Files of twenty minutes, as far back as the platform keeps them; none of the bad times. */
function recordedSlots(code: string, seed: number, stretch: Recorded, nowMs: number): Recorded[] {
  const keptDays = 30 + Math.floor(8 * unit(mix(textKey(code), seed), 0));
  const fromMs = Math.max(stretch.fromMs, nowMs - keptDays * dayMs);
  const files: Recorded[] = [];
  const lastMs = Math.min(stretch.toMs, nowMs);
  for (let atMs = Math.floor(fromMs / slotMs) * slotMs; atMs < lastMs; atMs += slotMs) {
    if (askedCameraFault(code, seed, atMs) === null) files.push({ fromMs: atMs, toMs: atMs + slotMs });
  }
  return files;
}

/** Starts them on loopback and writes how they are asked into `stateDir`, with secrets beside it (0600). */
export async function startAskedCameras(options: {
  readonly stateDir: string;
  readonly seed: number;
  readonly clock: Clock;
}): Promise<AsyncDisposable & { readonly configFile: string }> {
  const { stateDir, seed, clock } = options;
  await using started = new AsyncDisposableStack();
  const secret = () => randomBytes(16).toString('base64url');
  const [login, token] = [{ username: 'parkwatch', password: secret() }, secret()];
  const ids = cameraPlaces.map(([id]) => id);
  const cameras = started.use(await startSimulatedCameras({ ids, login, clock }));
  const platform = started.use(await startSimulatedVideoPlatform(token));
  const look = () => {
    const nowMs = clock.nowMs();
    for (const id of ids) cameras.setFault(id, askedCameraFault(id, seed, nowMs));
    for (const [code] of channelPlaces) {
      const isOff = askedCameraFault(code, seed, nowMs) !== null;
      platform.channels.set(code, {
        status: isOff ? 'OFF' : 'ON',
        recording: !isOff,
      });
    }
  };
  platform.recordings = (code, stretch) => recordedSlots(code, seed, stretch, clock.nowMs());
  look();
  started.use(clock.every(lookEveryMs, look));

  await mkdir(stateDir, { recursive: true });
  const configFile = join(stateDir, 'cctv.yaml');
  await writeFile(join(stateDir, 'cctv.secret'), login.password, { mode: 0o600 });
  await writeFile(join(stateDir, 'cctv.token'), token, { mode: 0o600 });
  const cctv = [
    {
      id: 'simulated-cameras',
      username: login.username,
      passwordFile: 'cctv.secret',
      cameras: cameras.cameras,
    },
    {
      id: 'simulated-platform',
      platform: {
        ...platformConfig(platform.url, platformId),
        recordings: recordingsConfig,
        tokenFile: 'cctv.token',
      },
    },
  ];
  // JSON is YAML.
  await writeFile(configFile, `${JSON.stringify({ cctv }, null, 2)}\n`);
  const parts = started.move();
  return { configFile, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}
