import { faultAt, faultyMs } from './faults.ts';
import type { Model } from './plan.ts';
import { digits, mix, noise, unit } from './random.ts';
import type { ReadingGroup, Values, World } from './world.ts';

const minuteMs = 60_000;
const halfHourMs = 30 * minuteMs;
const daySeconds = 86_400;

const imageFaults = ['black', 'frozen', 'covered', 'blurred', 'moved'] as const;

/** A camera as its recorder tells of it, once a minute. */
export function cameraGroups(
  deviceId: string,
  model: Extract<Model, { kind: 'camera' }>,
  world: World,
): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  const [width, height] = model.wide ? [3840, 2160] : [1920, 1080];
  // Most clocks are disciplined; every 25th camera was forgotten.
  const drift = unit(key, 31) < 0.04 ? 75 : 1.2;
  const health = (timeMs: number): Values => {
    const online = faultAt(key, 'offline', timeMs) === null;
    const signal = online && faultAt(key, 'signal-loss', timeMs) === null;
    // The recorder overwrites by the hour.
    const hourPartS = Math.floor(timeMs / 1000) % 3600;
    const reach = { oldest_recording_age: model.retentionDays * daySeconds + hourPartS };
    const recorded = { recorded_seconds_today: recordedTodayS(key, timeMs, world) };
    if (!online) return { online, recording: false, ...reach, ...recorded };
    return {
      online,
      signal_loss: !signal,
      recording: signal,
      ...reach,
      ...recorded,
      clock_offset: digits(drift * noise(mix(key, 32), timeMs, 36 * 60 * minuteMs), 1),
    };
  };
  const picture = (timeMs: number): Values => {
    if (faultAt(key, 'offline', timeMs) !== null) return {};
    const signal = faultAt(key, 'signal-loss', timeMs) === null;
    const fault = faultAt(key, 'image-fault', timeMs);
    const kind =
      fault === null
        ? 'none'
        : (imageFaults[Math.floor(unit(key, fault.fromMs) * imageFaults.length)] ?? 'none');
    const rate = signal ? 25 : 0;
    const bitrate = signal
      ? (model.wide ? 8_000 : 4_000) * (1 + 0.18 * noise(mix(key, 33), timeMs, 5 * minuteMs))
      : 0;
    return {
      width: signal ? width : 0,
      height: signal ? height : 0,
      frame_rate: rate,
      bitrate: Math.round(bitrate),
      image_fault: signal ? kind : 'black',
    };
  };
  return [
    { everyMs: minuteMs, backfillEveryMs: halfHourMs, read: health },
    { everyMs: minuteMs, backfillEveryMs: null, read: picture },
  ];
}

/** Seconds of the local day so far that are on disk. */
function recordedTodayS(key: number, timeMs: number, world: World): number {
  const { startMs } = world.calendar.dayOf(timeMs);
  const span = { fromMs: startMs, toMs: timeMs };
  if (timeMs === startMs) return 0;
  const lostMs = faultyMs(key, 'signal-loss', span) + faultyMs(key, 'offline', span);
  return Math.max(0, Math.floor((timeMs - startMs - lostMs) / 1000));
}

export function recorderGroups(
  deviceId: string,
  model: Extract<Model, { kind: 'recorder' }>,
  world: World,
): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  const channels = world.plan.devices
    .filter(({ attributes }) => attributes['recorderId'] === deviceId)
    .map(({ id }) => world.keyOf(id));
  return [
    {
      everyMs: minuteMs,
      backfillEveryMs: halfHourMs,
      read: (timeMs) => ({
        online: true,
        disk_used: digits(94 + 2.5 * noise(key, timeMs, 40 * 60 * minuteMs), 1),
        disk_fault: false,
        channels_online:
          model.channels - channels.filter((channel) => faultAt(channel, 'offline', timeMs) !== null).length,
      }),
    },
  ];
}
