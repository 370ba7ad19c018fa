import type { CameraProbe } from '#schemas/cctv.ts';
import type { Sample } from '#schemas/reading.ts';
import type { DeviceInformation } from './onvif.ts';

/** What one round said of a camera. */
export interface CameraRound {
  readonly deviceId: string;
  readonly atMs: number;
  readonly answers: boolean;
  readonly troubles: readonly string[];
  readonly samples: readonly Sample[];
  /** Undefined: not asked in this round. */
  readonly information: DeviceInformation | undefined;
}

/** The last round of each camera of a group. */
export interface CameraBook {
  enter(round: CameraRound): void;
  readonly cameras: ReadonlyMap<string, CameraProbe>;
}

export function createCameraBook(group: string): CameraBook {
  const cameras = new Map<string, CameraProbe>();
  return {
    cameras,
    enter({ deviceId, atMs, answers, troubles, samples, information }) {
      const before = cameras.get(deviceId);
      const numberOf = (metric: string) => {
        const value = samples.find((sample) => sample.metric === metric)?.value;
        return typeof value === 'number' ? value : null;
      };
      const recording = numberOf('recording');
      cameras.set(deviceId, {
        deviceId,
        group,
        atMs,
        answers,
        troubles: [...new Set(troubles)],
        clockOffsetS: numberOf('clock_offset'),
        reachS: numberOf('oldest_recording_age'),
        recording: recording === null ? null : recording !== 0,
        // Asked seldom, and kept while a camera is away: somebody has to bring the right spare part.
        manufacturer: information?.manufacturer ?? before?.manufacturer ?? null,
        model: information?.model ?? before?.model ?? null,
        firmware: information?.firmware ?? before?.firmware ?? null,
      });
    },
  };
}
