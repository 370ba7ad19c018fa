import type { CameraProbe } from '#schemas/cctv.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import type { Sample } from '#schemas/reading.ts';
import type { DeviceInformation } from './onvif.ts';
import { recordingsPrefix, type ChannelRecordings } from './recordings.ts';

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

/** Of a shorter part of a day no share is told, s. */
const shortestS = 60;

/** The last round of each camera of a group. */
export interface CameraBook {
  enter(round: CameraRound): void;
  /** What is recorded of a camera, asked apart from its rounds. */
  enterRecordings(found: ChannelRecordings): void;
  readonly cameras: ReadonlyMap<string, CameraProbe>;
}

/** @param calendar whose days recordings are counted in */
export function createCameraBook(group: string, calendar: LocalCalendar): CameraBook {
  const cameras = new Map<string, CameraProbe>();
  const reaches = new Map<string, number>();
  const shareOf = (samples: readonly Sample[]): number | null => {
    const told = samples.findLast(({ metric }) => metric === 'recorded_seconds_today');
    if (typeof told?.value !== 'number') return null;
    const elapsedS = (told.timeMs - calendar.startOf(calendar.dayOf(told.timeMs))) / 1000;
    return elapsedS < shortestS ? null : Math.min(1, told.value / elapsedS);
  };
  const recordingTroubles = new Map<string, readonly string[]>();
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
        troubles: [...new Set([...troubles, ...(recordingTroubles.get(deviceId) ?? [])])],
        clockOffsetS: numberOf('clock_offset'),
        reachS: numberOf('oldest_recording_age') ?? (answers ? (reaches.get(deviceId) ?? null) : null),
        // Asked seldomer than the rest, and as it was told last until then.
        recordedShare: answers ? (shareOf(samples) ?? before?.recordedShare ?? null) : null,
        recording: recording === null ? null : recording !== 0,
        // Asked seldom, and kept while a camera is away: somebody has to bring the right spare part.
        manufacturer: information?.manufacturer ?? before?.manufacturer ?? null,
        model: information?.model ?? before?.model ?? null,
        firmware: information?.firmware ?? before?.firmware ?? null,
      });
    },
    enterRecordings({ deviceId, samples, trouble }) {
      recordingTroubles.set(deviceId, trouble === null ? [] : [trouble]);
      const before = cameras.get(deviceId);
      if (before === undefined) return;
      const reachS = samples.find(({ metric }) => metric === 'oldest_recording_age')?.value;
      if (typeof reachS === 'number') reaches.set(deviceId, reachS);
      const others = before.troubles.filter((one) => !one.startsWith(recordingsPrefix));
      cameras.set(deviceId, {
        ...before,
        troubles: trouble === null ? others : [...others, trouble],
        reachS: reaches.get(deviceId) ?? before.reachS,
        recordedShare: shareOf(samples) ?? before.recordedShare,
      });
    },
  };
}
