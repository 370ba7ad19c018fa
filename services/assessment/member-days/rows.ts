import type { DayState } from '#schemas/api/member-days.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import { dayRanges, servedDays, type DayRange, type LiveMarks } from '../live.ts';
import {
  factsWithin,
  servedMs,
  spaceDevices,
  type DayFacts,
  type Facts,
  type ServiceSpan,
} from '../measure.ts';
import { stationDayShare, type StationFacts } from '../measures/environment-monitoring/derive.ts';

/** The days of a device as its measure counted them: pure, out of the facts that the verdict was derived from. */

export interface DayMark {
  readonly state: DayState;
  /** Figures of a day that is not good, where the facts have some. */
  readonly figure: Bilingual | null;
}

/** One point of a device, day by day. */
export interface MarkedPoint {
  readonly point: string;
  readonly marks: readonly DayMark[];
}

interface ServedDevice {
  readonly deviceId: string;
  readonly service: readonly ServiceSpan[];
}

/** The parts of facts that tell of days, whatever the measure. */
interface DayShaped extends Facts {
  readonly days?: readonly DayFacts[];
  readonly meters?: readonly (ServedDevice & { readonly point: string; readonly received: string })[];
  readonly stations?: readonly StationFacts[];
  readonly devices?: readonly ServedDevice[];
  readonly live?: readonly LiveMarks[];
  readonly functions?: readonly {
    readonly proofs: readonly { readonly candidates?: readonly LiveMarks[] }[];
  }[];
}

/** Devices whose days decide on a member: the device itself, or those in a declared place. */
export function devicesOf(facts: Facts, member: string): readonly string[] {
  return spaceDevices(facts).get(member) ?? [member];
}

/** Answers for any device of the facts; made once, for populations are large. Empty where the measure counts no days. */
export function dayIndex(facts: Facts): (deviceId: string) => readonly MarkedPoint[] {
  const indexes = factsWithin(facts).map(ownIndex);
  return (deviceId) => indexes.flatMap((index) => index(deviceId));
}

/** The days that the marks of a device stand for. */
export function dayFactsOf(facts: Facts): readonly DayFacts[] {
  const days = factsWithin(facts).map((each) => (each as DayShaped).days ?? []);
  return days.find((each) => each.length > 0) ?? [];
}

function ownIndex(facts: Facts): (deviceId: string) => readonly MarkedPoint[] {
  const { days, meters = [], stations = [], devices = [], live = [], functions = [] } = facts as DayShaped;
  if (days === undefined) return () => [];
  // Parsed once: thousands of devices are held against the same days.
  const counted: CountedDays = { days, ranges: dayRanges(days) };
  const candidates = functions.flatMap(({ proofs }) => proofs.flatMap((proof) => proof.candidates ?? []));
  const meterOf = byDevice(meters);
  const stationOf = byDevice(stations);
  const served = byDevice(devices);
  const marksOf = Map.groupBy([...live, ...candidates], ({ deviceId }) => deviceId);
  return (deviceId) => {
    const meter = meterOf.get(deviceId);
    if (meter !== undefined) {
      const { service, point, received } = meter;
      return [{ point, marks: marked(counted, service, { since: null, marks: received }) }];
    }
    const station = stationOf.get(deviceId);
    if (station !== undefined) return stationPoints(counted, station);
    const service = served.get(deviceId)?.service;
    if (service === undefined) return [];
    const own = (marksOf.get(deviceId) ?? []).filter(({ marks }) => marks.length === days.length);
    // Several functions may look at the same days of the same point.
    const distinct = new Map(own.map((each) => [`${each.point} ${each.since} ${each.marks}`, each]));
    return [...distinct.values()].map((each) => ({
      point: each.point,
      marks: marked(counted, service, each),
    }));
  };
}

function byDevice<T extends { readonly deviceId: string }>(entries: readonly T[]): Map<string, T> {
  return new Map(entries.map((entry) => [entry.deviceId, entry]));
}

interface CountedDays {
  readonly days: readonly DayFacts[];
  /** Of each day. */
  readonly ranges: readonly DayRange[];
}

function marked(
  { days, ranges }: CountedDays,
  service: readonly ServiceSpan[],
  { since, marks }: Pick<LiveMarks, 'since' | 'marks'>,
): DayMark[] {
  const served = servedDays(service, since, ranges);
  return days.map(({ watched }, index) => ({
    state: served[index] !== true ? 'out' : marks[index] === '1' ? 'good' : watched ? 'missing' : 'blind',
    figure: null,
  }));
}

/** A day of a station is measured by what is due on it, cut to its time in service. */
function stationPoints({ days, ranges }: CountedDays, station: StationFacts): MarkedPoint[] {
  return station.points.map(({ point, expectedIntervalS, good }) => ({
    point,
    marks: ranges.map((range, index): DayMark => {
      const due = servedMs(station.service, range) / 1_000 / expectedIntervalS;
      const came = good[index] ?? 0;
      if (due === 0) return { state: 'out', figure: null };
      if (came >= due * stationDayShare) return { state: 'good', figure: null };
      if (came === 0) return { state: days[index]?.watched === true ? 'missing' : 'blind', figure: null };
      const asked = Math.ceil(due);
      return {
        state: 'few',
        figure: { zh: `应收 ${asked} 个，良好 ${came} 个`, en: `${came} good readings of ${asked} due` },
      };
    }),
  }));
}
