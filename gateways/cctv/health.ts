import type { Sample } from '#schemas/reading.ts';
import type { DeviceInformation, ImageFault, Recording, TrackChange, VideoProfile } from './onvif.ts';
import type { RtspResult } from './rtsp.ts';

/** What one round learned of a camera; undefined: not asked, or not told. */
export interface CameraFacts {
  /** When the round ended, epoch milliseconds of ours. */
  readonly atMs: number;
  /** Whether anything of it answered, and whether ONVIF did. */
  readonly answers: boolean;
  readonly stream: RtspResult | undefined;
  readonly profile: VideoProfile | undefined;
  readonly clockOffsetMs: number | undefined;
  /** Its times in our clock. */
  readonly recording: Recording | undefined;
  /** Seconds of the local day so far of which there is a recording. */
  readonly recordedTodayS: number | undefined;
  readonly imageFault: ImageFault | undefined;
  /** Maker, model, firmware; asked as seldom as the profile. */
  readonly information: DeviceInformation | undefined;
}

/**
 * What becomes of them as readings. A camera that does not answer is offline and says nothing else: it is not known
 * whether its recorder still has its pictures.
 */
export function cameraSamples(facts: CameraFacts): Sample[] {
  const values: Record<string, number | string | undefined> = {
    online: facts.answers ? 1 : 0,
    ...healthOf(facts),
  };
  return Object.entries(values).flatMap(([metric, value]): Sample[] =>
    value === undefined
      ? []
      : [{ metric, timeMs: facts.atMs, value, quality: 'good', rev: 0, untimed: false }],
  );
}

function healthOf(facts: CameraFacts): Record<string, number | string | undefined> {
  if (!facts.answers) return {};
  const { stream, profile, recording, clockOffsetMs } = facts;
  const described = stream?.kind === 'stream' ? stream.description : undefined;
  const lost = stream?.kind === 'no-stream';
  return {
    // A login that is refused says nothing of the picture.
    signal_loss: lost ? 1 : described === undefined ? undefined : 0,
    width: described?.widthPx ?? profile?.widthPx,
    height: described?.heightPx ?? profile?.heightPx,
    frame_rate: described?.frameRate ?? profile?.frameRate ?? undefined,
    bitrate: profile?.bitrateKbps ?? undefined,
    clock_offset: clockOffsetMs === undefined ? undefined : Math.round(clockOffsetMs / 100) / 10,
    ...recordingOf(recording, facts),
    recorded_seconds_today: facts.recordedTodayS,
    image_fault: facts.imageFault,
  };
}

function recordingOf(
  recording: Recording | undefined,
  { atMs }: CameraFacts,
): Record<string, number | undefined> {
  if (recording === undefined) return {};
  const { earliestMs } = recording;
  const status = recording.recording;
  const ageS = earliestMs === null ? 0 : (atMs - earliestMs) / 1000;
  return {
    recording: status === null ? undefined : Number(status),
    oldest_recording_age: Math.max(0, Math.round(ageS)),
  };
}

/**
 * Seconds of a span that were recorded.
 * @param changes in order of time; before the first, nothing is known to be there: what it says began there
 */
export function recordedSeconds(
  changes: readonly TrackChange[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): number {
  let recordedMs = 0;
  let sinceMs: number | null = null;
  const within = (timeMs: number) => Math.min(Math.max(timeMs, fromMs), toMs);
  for (const { timeMs, present } of changes) {
    if (present) sinceMs ??= within(timeMs);
    else if (sinceMs !== null) {
      recordedMs += within(timeMs) - sinceMs;
      sinceMs = null;
    }
  }
  if (sinceMs !== null) recordedMs += toMs - sinceMs;
  return Math.max(0, Math.round(recordedMs / 1000));
}
