import type { Queryable } from '#infra/postgres.ts';
import type { MemberDayRow, MemberDays } from '#schemas/api/member-days.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { parsePointKey, pointKey } from '#schemas/ids.ts';
import type { DaySegment } from '#schemas/local-time.ts';
import type { MeasuredItem } from '../assess.ts';
import { localDays, type CollectRequest } from '../collect.ts';
import { readPoints } from '../facts-store.ts';
import type { Facts } from '../measure.ts';
import { readHeldSeconds } from '../place-store.ts';
import { lacksOf, reasonOf, type DeviceStory } from './explain.ts';
import { dayFactsOf, dayIndex, devicesOf, type MarkedPoint } from './rows.ts';
import {
  readAway,
  readDayValues,
  readHeld,
  readStandings,
  type DayValues,
  type StandingRow,
} from './store.ts';
import { markOf } from './values.ts';

/** More devices of one place are not told one by one. */
const shownDevices = 50;
/** Points that are told of a device. */
const rowsEach = 8;

/** Points that are told where the measure counts no days, beside the one that shows the member. */
const toldMetrics: Readonly<Record<string, readonly string[]>> = {
  camera: ['online', 'recording', 'recorded_seconds_today', 'oldest_recording_age'],
};

/**
 * The days of a member of a population, each that is not good with what is known of it. Where the measure counts days they
 * are its own; else they are those on which the points of the device delivered.
 */
export async function memberDaysOf(
  db: Queryable,
  request: CollectRequest,
  { entry, member }: { readonly entry: MeasuredItem; readonly member: string },
): Promise<MemberDays> {
  const all = devicesOf(entry.facts, member);
  const deviceIds = all.slice(0, shownDevices);
  const asked = { deviceIds, fromMs: request.fromMs, toMs: request.toMs };
  const days = daysOf(entry.facts, request);
  const index = dayIndex(entry.facts);
  const counted = new Map(deviceIds.map((id) => [id, index(id).slice(0, rowsEach)]));
  const told = deviceIds.filter((id) => counted.get(id)?.length === 0);
  const standings = await readStandings(db, asked);
  const points = await toldPoints(db, { entry, member, deviceIds: told });
  const keys = [...counted.values()].flat().map(({ point }) => point);
  const pointIds = new Map([...points, ...(await pointsOf(db, keys))]);
  const values = await readDayValues(db, { pointIds: [...new Set(pointIds.values())], days });
  const [held, away, heldS] = [
    await readHeld(db, asked),
    await readAway(db, asked),
    await readHeldSeconds(db, asked),
  ];
  const valuesOf = (point: string) => values.get(pointIds.get(point) ?? -1) ?? days.map(() => null);
  return {
    member,
    days: days.map(({ day }) => day),
    devices: deviceIds.map((deviceId) => {
      const own = <T extends { readonly deviceId: string }>(rows: readonly T[]) =>
        rows.filter((row) => row.deviceId === deviceId);
      const story = { standings: own(standings), held: own(held), away: own(away) };
      const marked = counted.get(deviceId) ?? [];
      const rows =
        marked.length > 0
          ? marked
          : [...points.keys()]
              .filter((point) => parsePointKey(point)?.deviceId === deviceId)
              .map((point) => valueRow(point, { days, values: valuesOf(point), standings: story.standings }));
      return {
        deviceId,
        heldS: heldS.get(deviceId) ?? 0,
        rows: rows.map((row) =>
          toRow(row, { days, story, values: valuesOf(row.point), decides: marked.length > 0 }),
        ),
      };
    }),
    moreDevices: all.length - deviceIds.length,
  };
}

/** The days of the facts, else the complete local days of the period. */
function daysOf(facts: Facts, request: CollectRequest): DaySegment[] {
  const days = dayFactsOf(facts);
  if (days.length === 0) return localDays(request).filter(({ complete }) => complete);
  const complete = new Map(localDays(request).map((segment) => [segment.day, segment]));
  return days.flatMap(({ day }) => complete.get(day) ?? []);
}

/** Points that exist of devices whose measure counts no days, by key. */
async function toldPoints(
  db: Queryable,
  asked: { entry: MeasuredItem; member: string; deviceIds: readonly string[] },
): Promise<Map<string, number>> {
  const { entry, member, deviceIds } = asked;
  const shown = entry.members.find(({ deviceId }) => deviceId === member);
  if (shown === undefined || deviceIds.length === 0) return new Map();
  const metric = shown.point === null ? null : parsePointKey(shown.point)?.metric;
  const known = deviceClasses.get(shown.class)?.metrics ?? {};
  const required = Object.keys(known).filter((name) => known[name]?.required === true);
  const metrics = [...new Set([...(metric ? [metric] : []), ...(toldMetrics[shown.class] ?? required)])];
  const rows = await readPoints(db, { deviceIds, metrics: metrics.slice(0, rowsEach) });
  const order = rows.toSorted((a, b) => metrics.indexOf(a.metric) - metrics.indexOf(b.metric));
  return new Map(order.map(({ deviceId, metric: name, pointId }) => [pointKey(deviceId, name), pointId]));
}

async function pointsOf(db: Queryable, keys: readonly string[]): Promise<Map<string, number>> {
  const parts = keys.flatMap((key) => parsePointKey(key) ?? []);
  const rows = await readPoints(db, {
    deviceIds: [...new Set(parts.map(({ deviceId }) => deviceId))],
    metrics: [...new Set(parts.map(({ metric }) => metric))],
  });
  const wanted = new Set(keys);
  const found = rows.map(({ deviceId, metric, pointId }) => [pointKey(deviceId, metric), pointId] as const);
  return new Map<string, number>(found.filter(([key]) => wanted.has(key)));
}

function valueRow(
  point: string,
  known: {
    readonly days: readonly DaySegment[];
    readonly values: readonly (DayValues | null)[];
    readonly standings: readonly StandingRow[];
  },
): MarkedPoint {
  const metric = parsePointKey(point)?.metric ?? '';
  return {
    point,
    marks: known.days.map((day, index) =>
      markOf(known.values[index] ?? null, { metric, day, sinceMs: servedSince(day, known.standings) }),
    ),
  };
}

/** When the time in service began that covers the whole day; null when none does. */
function servedSince(day: DaySegment, standings: readonly StandingRow[]): number | null {
  let sinceMs: number | null = null;
  let untilMs = -Infinity;
  for (const { lifecycle, fromMs, toMs } of standings) {
    if (lifecycle !== 'in-service') continue;
    if (sinceMs === null || fromMs > untilMs) {
      if (untilMs >= day.toMs) break;
      sinceMs = fromMs;
    }
    untilMs = toMs ?? Infinity;
  }
  return sinceMs !== null && sinceMs <= day.fromMs && untilMs >= day.toMs ? sinceMs : null;
}

function toRow(
  { point, marks }: MarkedPoint,
  known: {
    readonly days: readonly DaySegment[];
    readonly story: DeviceStory;
    readonly values: readonly (DayValues | null)[];
    readonly decides: boolean;
  },
): MemberDayRow {
  const { days, story, values, decides } = known;
  const told = marks.map((mark, index) => {
    const day = days[index];
    const isGood = mark.state === 'good' || day === undefined;
    return {
      state: mark.state,
      reason: isGood ? null : reasonOf(mark, day, { ...story, values: values[index] ?? null }),
    };
  });
  const served = marks.filter(({ state }) => state !== 'out').length;
  return {
    point,
    name: nameOf(point, story.standings),
    decides,
    states: marks.map(({ state }) => state),
    served,
    good: marks.filter(({ state }) => state === 'good').length,
    lacks: lacksOf(days, told),
  };
}

function nameOf(point: string, standings: readonly StandingRow[]): MemberDayRow['name'] {
  const metric = parsePointKey(point)?.metric ?? point;
  const known = deviceClasses.get(standings.at(-1)?.class ?? '');
  return known?.metrics[metric]?.name ?? { zh: metric, en: metric };
}
