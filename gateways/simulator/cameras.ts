import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Clock } from '#infra/clock.ts';
import { cameraFaults } from './camera-answers.ts';
import { startSimulatedCameras } from './cctv-server.ts';
import type { ParkDocument } from './plan.ts';

/** `simulate --cameras N`: cameras to be asked, and the file that tells a gateway how. */

/** Every so many cameras one has a fault, each of them in turn. */
const faultEvery = 5;

function cameraId(index: number): string {
  return `sim-cam-${String(index + 1).padStart(4, '0')}`;
}

export function camerasPark(cameras: number): ParkDocument {
  return {
    spaces: [],
    devices: Array.from({ length: cameras }, (_, index) => ({
      id: cameraId(index),
      name: `模拟摄像机${index + 1}`,
      class: 'camera',
      provenance: 'simulated',
    })),
  };
}

/** Starts them and writes `cctv.yaml` and its password file (0600) into `stateDir`. */
export async function startCameras(options: {
  readonly cameras: number;
  readonly stateDir: string;
  readonly clock: Clock;
}): Promise<AsyncDisposable & { readonly configFile: string; counts(): object }> {
  const { stateDir, clock } = options;
  const ids = Array.from({ length: options.cameras }, (_, index) => cameraId(index));
  const login = { username: 'parkwatch', password: randomBytes(12).toString('base64url') };
  const simulated = await startSimulatedCameras({ ids, login, clock });
  ids.forEach((id, index) => {
    const fault = cameraFaults[Math.floor(index / faultEvery) % cameraFaults.length];
    if (index % faultEvery === faultEvery - 1) simulated.setFault(id, fault ?? null);
  });
  await mkdir(stateDir, { recursive: true });
  const configFile = join(stateDir, 'cctv.yaml');
  await writeFile(join(stateDir, 'cctv.secret'), login.password, { mode: 0o600 });
  const group = {
    id: 'simulated',
    username: login.username,
    passwordFile: 'cctv.secret',
    cameras: simulated.cameras,
  };
  // JSON is YAML.
  await writeFile(configFile, `${JSON.stringify({ cctv: [group] }, null, 2)}\n`);
  return {
    configFile,
    counts: () => ({ requests: simulated.requests, refused: simulated.refused }),
    [Symbol.asyncDispose]: () => simulated[Symbol.asyncDispose](),
  };
}
