import type { Bilingual } from '#schemas/device-class.ts';
import {
  percent,
  withHeld,
  type DayFacts,
  type DeviceFacts,
  type Member,
  type ServiceSpan,
} from './measure.ts';

/** Whether a device delivered: pure, shared by the measures that ask it, and by the verifier. */

/** What measures that ask where a device stands know of it. */
export interface PlacedDevice extends DeviceFacts {
  /** Seconds of the period in which alarms of it were shelved, suppressed or out of service. */
  readonly heldS: number;
}

/** Days on which a device delivered: a text of 0 and 1, one for each entry of the days. */
export interface LiveMarks {
  readonly deviceId: string;
  /** Key of a point that shows it. */
  readonly point: string;
  readonly marks: string;
  /** Earlier days do not count: it stood elsewhere then, and the place matters. RFC 3339; null: all count. */
  readonly since: string | null;
}

export interface LiveJudged {
  readonly device: PlacedDevice;
  readonly point: string;
  /** Complete local days in service where it stands. */
  readonly days: number;
  readonly goodDays: number;
  readonly standing: Member['standing'];
  readonly noted: boolean;
  readonly reason: Bilingual;
}

/** A day as milliseconds: thousands of devices are held against the same days. */
export interface DayRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export function dayRanges(days: readonly DayFacts[]): DayRange[] {
  return days.map(({ from, to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) }));
}

/** A device delivers when so many of 100 of its days have what makes a day. */
const goodDaysOf100 = 95;

/** @throws Error when the marks are not one for each day */
export function judgeLive(device: PlacedDevice, live: LiveMarks, days: readonly DayRange[]): LiveJudged {
  const { marks, point, since } = live;
  if (marks.length !== days.length) {
    throw new Error(`${device.deviceId}: ${marks.length} days are marked, ${days.length} asked`);
  }
  const served = servedDays(device.service, since, days);
  let count = 0;
  let good = 0;
  served.forEach((isServed, index) => {
    if (!isServed) return;
    count += 1;
    if (marks[index] === '1') good += 1;
  });
  const left = device.exclusion !== null || count === 0;
  const enough = good * 100 >= count * goodDaysOf100;
  return {
    device,
    point,
    days: count,
    goodDays: good,
    standing: left ? 'excluded' : enough ? 'counted' : 'not-counted',
    noted: !left && (count < days.length || since !== null || device.heldS > 0),
    reason: liveReason(device, { since, days: count, goodDays: good, all: days.length }),
  };
}

/** Which days a device was in service, where it stands, from their begin to their end. */
export function servedDays(
  service: readonly ServiceSpan[],
  since: string | null,
  days: readonly DayRange[],
): boolean[] {
  const sinceMs = since === null ? -Infinity : Date.parse(since);
  const spans = service.map(({ from, to }) => ({
    fromMs: Math.max(Date.parse(from), sinceMs),
    toMs: to === null ? Infinity : Date.parse(to),
  }));
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) return [];
  // Most stand all the time: thousands of devices over a year are not held against each day.
  if (spans.some((span) => span.fromMs <= first.fromMs && span.toMs >= last.toMs))
    return days.map(() => true);
  return days.map((day) => spans.some((span) => span.fromMs <= day.fromMs && span.toMs >= day.toMs));
}

function liveReason(
  device: PlacedDevice,
  { since, days, goodDays, all }: { since: string | null; days: number; goodDays: number; all: number },
): Bilingual {
  if (device.exclusion !== null) {
    const { zh, en } = device.exclusion;
    return { zh: `人工排除：${zh}`, en: `Left out by a person: ${en}` };
  }
  if (days === 0) {
    return {
      zh: '评估期内在此投用不足一个完整本地日',
      en: 'In service here for less than one complete local day of the period',
    };
  }
  const share = percent(goodDays / days);
  const part = days < all;
  const figures = {
    zh: `${days} 个${part ? '投用' : '本地'}日中 ${goodDays} 日有足够的良好读数（${share}）`,
    en: `Enough good readings on ${goodDays} of ${days} local days${part ? ' in service' : ''} (${share})`,
  };
  const placed =
    since === null
      ? figures
      : {
          zh: `${figures.zh}；${since} 起在此处，此前不计`,
          en: `${figures.en}; here since ${since}, not counted before`,
        };
  return withHeld(placed, device);
}

export function liveMember({ device, standing, noted, reason, point }: LiveJudged): Member {
  const { deviceId, name, provenance } = device;
  return { deviceId, name, class: device.class, provenance, standing, noted, reason, point };
}
