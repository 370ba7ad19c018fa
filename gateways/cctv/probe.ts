import type { Clock } from '#infra/clock.ts';
import type { CctvCamera } from '#schemas/cctv.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import type { Login } from './digest.ts';
import { recordedSeconds, type CameraFacts } from './health.ts';
import type { DeviceInformation, ImageFault, Recording, VideoProfile } from './onvif.ts';
import { onvifClient, OnvifError, type OnvifClient } from './onvif-client.ts';
import { describeStream } from './rtsp.ts';

export interface ProbeOptions {
  readonly camera: CctvCamera;
  readonly login: Login | undefined;
  readonly clock: Clock;
  readonly calendar: LocalCalendar;
  readonly timeoutMs: number;
  readonly slowIntervalMs: number;
}

export interface ProbeResult {
  readonly facts: CameraFacts;
  /** What could not be learned, in words for the status; empty when all is well. */
  readonly troubles: readonly string[];
}

export interface Probe {
  /** One round. Never throws: a camera that is away is a fact. */
  run(): Promise<ProbeResult>;
}

/** What is remembered of an ONVIF device from one round to the next. */
interface Memory {
  readonly services: Map<string, string>;
  clockOffsetMs: number;
}

/** What is asked seldom; told only in the round that asked. */
interface SlowFacts {
  readonly profile?: VideoProfile | undefined;
  readonly recordedTodayS?: number | undefined;
  readonly imageFault?: ImageFault | undefined;
  readonly information?: DeviceInformation | undefined;
}

export function createProbe(options: ProbeOptions): Probe {
  const { camera, login, clock, timeoutMs, slowIntervalMs } = options;
  const own: Memory = { services: new Map(), clockOffsetMs: 0 };
  const keeper: Memory = { services: new Map(), clockOffsetMs: 0 };
  let slowAtMs = -Infinity;

  const clientOf = (url: string, memory: Memory, signal: AbortSignal): OnvifClient =>
    onvifClient({
      url,
      login,
      clock,
      signal,
      clockOffsetMs: memory.clockOffsetMs,
      services: memory.services,
    });

  const run = async (signal: AbortSignal): Promise<ProbeResult> => {
    const troubles: string[] = [];
    const isSlow = clock.monotonicMs() - slowAtMs >= slowIntervalMs;
    const asking = { troubles, signal, isSlow };
    const stream =
      camera.rtsp === undefined ? undefined : describeStream({ url: camera.rtsp, login }, signal);
    const told = await askDevice(asking);
    const kept = await askKeeper(asking, told.answers);
    const streamed = await stream;
    if (streamed !== undefined && streamed.kind !== 'stream') troubles.push(streamed.detail);
    const answers = told.answers || (streamed !== undefined && streamed.kind !== 'silent');
    if (isSlow && answers) slowAtMs = clock.monotonicMs();
    const offsets = { own: told.clockOffsetMs, keeper: camera.recorder === undefined ? own : keeper };
    const recording =
      kept.recording === undefined ? undefined : inOurTime(kept.recording, offsets.keeper.clockOffsetMs);
    const facts: CameraFacts = {
      atMs: clock.nowMs(),
      answers,
      stream: streamed,
      profile: told.profile,
      clockOffsetMs: offsets.own,
      recording,
      recordedTodayS: kept.recordedTodayS,
      imageFault: told.imageFault,
      information: told.information,
    };
    return { facts, troubles };
  };

  interface Asking {
    readonly troubles: string[];
    readonly signal: AbortSignal;
    readonly isSlow: boolean;
  }

  const askDevice = async ({ troubles, signal, isSlow }: Asking) => {
    if (camera.onvif === undefined) return { answers: false, clockOffsetMs: undefined };
    const client = clientOf(camera.onvif, own, signal);
    const time = await attempt(client.time(), troubles);
    if (time.kind === 'silent') return { answers: false, clockOffsetMs: undefined };
    if (time.kind === 'told') own.clockOffsetMs = time.value.deviceMs - time.value.ourMs;
    const slow: SlowFacts = isSlow ? await askSlow(client, troubles) : {};
    return { answers: true, clockOffsetMs: time.kind === 'told' ? own.clockOffsetMs : undefined, ...slow };
  };

  const askKeeper = async ({ troubles, signal, isSlow }: Asking, cameraAnswers: boolean) => {
    const url = camera.recorder ?? (cameraAnswers ? camera.onvif : undefined);
    if (url === undefined) return {};
    const memory = camera.recorder === undefined ? own : keeper;
    const client = clientOf(url, memory, signal);
    if (camera.recorder !== undefined) {
      const time = await attempt(client.time(), troubles);
      if (time.kind === 'silent') return {};
      if (time.kind === 'told') memory.clockOffsetMs = time.value.deviceMs - time.value.ourMs;
    }
    const found = await attempt(client.recordings(camera.recording), troubles, 'optional');
    const recording = found.kind === 'told' ? pick(found.value, camera.recording) : undefined;
    if (recording === undefined || !isSlow) return { recording };
    const nowMs = clock.nowMs();
    const span = {
      fromMs: options.calendar.startOf(options.calendar.dayOf(nowMs)) + memory.clockOffsetMs,
      toMs: nowMs + memory.clockOffsetMs,
    };
    const changes = await attempt(client.trackChanges(recording.token, span), troubles, 'optional');
    return {
      recording,
      recordedTodayS: changes.kind === 'told' ? recordedSeconds(changes.value, span) : undefined,
    };
  };

  return {
    async run() {
      const giveUp = new AbortController();
      using _ = clock.after(timeoutMs, () => giveUp.abort());
      return await run(giveUp.signal);
    },
  };
}

async function askSlow(client: OnvifClient, troubles: string[]): Promise<SlowFacts> {
  const profiles = await attempt(client.profiles(), troubles);
  const image = await attempt(client.imageFault(), troubles, 'optional');
  const information = await attempt(client.information(), troubles, 'optional');
  return {
    profile: profiles.kind === 'told' ? profiles.value[0] : undefined,
    imageFault: image.kind === 'told' ? (image.value ?? undefined) : undefined,
    information: information.kind === 'told' ? information.value : undefined,
  };
}

function pick(recordings: readonly Recording[], token: string | undefined): Recording | undefined {
  return token === undefined ? recordings[0] : recordings.find((one) => one.token === token);
}

/** A wrong clock of the recorder must not lengthen what it keeps. */
function inOurTime(recording: Recording, clockOffsetMs: number): Recording {
  const shift = (timeMs: number | null) => (timeMs === null ? null : timeMs - clockOffsetMs);
  return { ...recording, earliestMs: shift(recording.earliestMs), latestMs: shift(recording.latestMs) };
}

type Attempt<T> =
  | { readonly kind: 'told'; readonly value: T }
  | { readonly kind: 'not-told' }
  | { readonly kind: 'silent' };

/** @param need `optional`: many devices lack it, which is no trouble */
async function attempt<T>(
  asked: Promise<T>,
  troubles: string[],
  need: 'needed' | 'optional' = 'needed',
): Promise<Attempt<T>> {
  try {
    return { kind: 'told', value: await asked };
  } catch (error) {
    if (!(error instanceof OnvifError)) throw error;
    if (need === 'needed' || error.kind !== 'not-supported') troubles.push(error.message);
    return { kind: error.kind === 'silent' ? 'silent' : 'not-told' };
  }
}
