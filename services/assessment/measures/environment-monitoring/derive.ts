import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import { environmentMedia, type EnvironmentMedium } from '#schemas/environment-media.ts';
import {
  defineDerivation,
  percent,
  populationOf,
  servedMs,
  unwatchedDays,
  withHeld,
  type DayFacts,
  type DeviceFacts,
  type Facts,
  type Member,
} from '../../measure.ts';

export interface StationPointFacts {
  readonly point: string;
  readonly medium: EnvironmentMedium;
  readonly expectedIntervalS: number;
  readonly firstReading: string;
  /** Good readings stored in each entry of `days`. */
  readonly good: readonly number[];
}

export interface StationFacts extends DeviceFacts {
  /** Points that ever delivered a reading: a station is not asked for what it does not measure. */
  readonly points: readonly StationPointFacts[];
}

/** How often the public board answered with data of a medium that were at most an hour old. */
export interface PublicationFacts {
  readonly medium: EnvironmentMedium;
  readonly servings: number;
  readonly first: string;
  readonly last: string;
}

export interface EnvironmentMonitoringFacts extends Facts {
  /** The local days of the period, cut to it. */
  readonly days: readonly DayFacts[];
  readonly stations: readonly StationFacts[];
  readonly publications: readonly PublicationFacts[];
}

/** A medium is watched live when this share of its expected readings arrived good. */
const liveShare = 0.95;
/** A day of a point is held against the same share, where days are told one by one. */
export const stationDayShare = liveShare;
/** A station that was in service for less cannot be judged. */
const leastServedMs = 86_400_000;
/** Between a station's entry into service and its first reading. */
const startGraceMs = 3_600_000;

const mediumNames: Readonly<Record<EnvironmentMedium, Bilingual>> = {
  air: { zh: '空气', en: 'air' },
  'water-quality': { zh: '水质', en: 'water quality' },
  noise: { zh: '噪声', en: 'noise' },
};

/** One medium at one station. */
interface Watch {
  readonly medium: EnvironmentMedium;
  readonly expected: number;
  readonly good: number;
  readonly live: boolean;
  /** When this system began to see it, where that is later than the period or its service. */
  readonly blindUntil: string | null;
}

interface Judged {
  readonly station: StationFacts;
  readonly servedMs: number;
  readonly watches: readonly Watch[];
  readonly standing: Member['standing'];
}

function rangeOf({ from, to }: { from: string; to: string }): { fromMs: number; toMs: number } {
  return { fromMs: Date.parse(from), toMs: Date.parse(to) };
}

function watch(facts: EnvironmentMonitoringFacts, station: StationFacts, medium: EnvironmentMedium): Watch {
  let expected = 0;
  let good = 0;
  const points = station.points.filter((point) => point.medium === medium);
  for (const point of points) {
    if (point.good.length !== facts.days.length) throw new Error(`${point.point}: days do not match`);
    for (const [index, day] of facts.days.entries()) {
      const due = servedMs(station.service, rangeOf(day)) / 1_000 / point.expectedIntervalS;
      expected += due;
      // More than was due on one day makes up for no other day.
      good += Math.min(due, point.good[index] ?? 0);
    }
  }
  const [first] = points.map((point) => point.firstReading).toSorted();
  const since = servedSince(facts, station);
  const blind = first !== undefined && Date.parse(first) > since + startGraceMs;
  return { medium, expected, good, live: good >= expected * liveShare, blindUntil: blind ? first : null };
}

/** When the station's time in service within the period begins; milliseconds. */
function servedSince(facts: EnvironmentMonitoringFacts, station: StationFacts): number {
  const starts = station.service.map(({ from }) => Date.parse(from));
  return Math.max(
    Date.parse(facts.from),
    starts.reduce((a, b) => Math.min(a, b), Infinity),
  );
}

function judge(facts: EnvironmentMonitoringFacts, station: StationFacts): Judged {
  const served = servedMs(station.service, rangeOf(facts));
  const media = environmentMedia.filter((medium) => station.points.some((point) => point.medium === medium));
  const watches = media.map((medium) => watch(facts, station, medium));
  const left = station.exclusion !== null || served < leastServedMs;
  const counted = watches.some(({ live }) => live);
  const standing = left ? 'excluded' : counted ? 'counted' : 'not-counted';
  return { station, servedMs: served, watches, standing };
}

function memberOf(judged: Judged): Member {
  const { station, standing, watches } = judged;
  const { deviceId, name, provenance, points } = station;
  const shown = points.find((point) => point.medium === watches[0]?.medium);
  const held = standing !== 'excluded' && (station.heldS ?? 0) > 0;
  const noted = held || (standing === 'counted' && watches.some(({ live }) => !live));
  return {
    deviceId,
    name,
    class: station.class,
    provenance,
    standing,
    noted,
    reason: reasonOf(judged),
    point: shown?.point ?? null,
  };
}

function reasonOf({ station, servedMs: served, watches }: Judged): Bilingual {
  if (station.exclusion !== null) {
    const { zh, en } = station.exclusion;
    return { zh: `人工排除：${zh}`, en: `Left out by a person: ${en}` };
  }
  if (served < leastServedMs) {
    return {
      zh: '评估期内投用不足 24 小时',
      en: 'In service for less than 24 hours of the period',
    };
  }
  if (watches.length === 0) {
    const none = { zh: '没有空气、水质或噪声读数', en: 'No reading of air, water quality or noise' };
    return withHeld(none, station);
  }
  const figures = watches.map(({ medium, good, expected }) => ({
    name: mediumNames[medium],
    count: `${Math.floor(good)}/${Math.ceil(expected)}`,
    share: percent(expected === 0 ? 0 : good / expected),
  }));
  const told = {
    zh: figures.map(({ name, count, share }) => `${name.zh}：收到应收数的 ${share}（${count}）`).join('；'),
    en: figures.map(({ name, count, share }) => `${name.en}: ${share} of due readings (${count})`).join('; '),
  };
  return withHeld(told, station);
}

type FunctionEntry = NonNullable<Measurement['functions']>[number];

function mediumFunction(judged: readonly Judged[], medium: EnvironmentMedium): FunctionEntry {
  const watches = judged
    .filter(({ standing }) => standing !== 'excluded')
    .flatMap((entry) => entry.watches.filter((own) => own.medium === medium));
  const live = watches.filter((own) => own.live).length;
  const { zh, en } = mediumNames[medium];
  return {
    id: medium,
    state: live > 0 ? 'proven' : 'missing',
    reason:
      watches.length === 0
        ? { zh: `没有监测${zh}的站点`, en: `No station watches ${en}` }
        : {
            zh: `${watches.length} 个${zh}站点中 ${live} 个达到 95 %`,
            en: `${live} of ${watches.length} stations for ${en} reach 95 %`,
          },
  };
}

/** Published when the public board answered with fresh data of every medium that is watched live. */
function publicationFunction(
  facts: EnvironmentMonitoringFacts,
  media: readonly FunctionEntry[],
): FunctionEntry {
  const live = media.filter(({ state }) => state === 'proven').map(({ id }) => id);
  const served = new Map(facts.publications.map((entry) => [entry.medium as string, entry.servings]));
  const unpublished = live.filter((medium) => (served.get(medium) ?? 0) === 0);
  const proven = live.length > 0 && unpublished.length === 0;
  const counts = facts.publications.map(({ medium, servings }) => ({ name: mediumNames[medium], servings }));
  const zh = counts.map(({ name, servings }) => `${name.zh} ${servings} 次`).join('，');
  const en = counts.map(({ name, servings }) => `${name.en} ${servings} times`).join(', ');
  return {
    id: 'publication',
    state: proven ? 'proven' : 'missing',
    reason:
      counts.length === 0
        ? { zh: '评估期内公共看板没有被访问', en: 'The public board was not served in the period' }
        : { zh: `公共看板展示：${zh}`, en: `Shown on the public board: ${en}` },
  };
}

function whatIsMissing(facts: EnvironmentMonitoringFacts, judged: readonly Judged[]): Bilingual[] {
  if (facts.stations.length === 0) {
    return [{ zh: '评估期内没有在用的环境监测站', en: 'No environment station was in service' }];
  }
  const population = judged.filter(({ standing }) => standing !== 'excluded');
  if (population.length === 0) {
    return [
      {
        zh: '没有一个环境监测站在评估期内投用满 24 小时',
        en: 'No environment station was in service for 24 hours of the period',
      },
    ];
  }
  if (population.every(({ watches }) => watches.length === 0)) {
    return [
      {
        zh: '从未收到任何空气、水质或噪声读数',
        en: 'No reading of air, water quality or noise has ever arrived',
      },
    ];
  }
  const unwatched = unwatchedDays(
    facts.days,
    population.map(({ station }) => station.service),
  );
  if (unwatched.length > 0) return unwatched;
  return environmentMedia.flatMap((medium) => {
    const watches = population.flatMap((entry) => entry.watches.filter((own) => own.medium === medium));
    // A medium that is live somewhere is decided, whatever is unknown elsewhere.
    if (watches.some(({ live }) => live)) return [];
    const blind = watches.flatMap(({ blindUntil }) => blindUntil ?? []).toSorted()[0];
    if (blind === undefined) return [];
    const { zh, en } = mediumNames[medium];
    return [
      {
        zh: `${zh}的首个读数为 ${blind}，请选择其后的评估期`,
        en: `The first reading of ${en} came at ${blind}; choose a later period`,
      },
    ];
  });
}

function derive(facts: EnvironmentMonitoringFacts): Measurement {
  const judged = facts.stations.map((station) => judge(facts, station));
  const population = judged.filter(({ standing }) => standing !== 'excluded');
  const watches = population.flatMap((entry) => entry.watches);
  const expected = watches.reduce((sum, own) => sum + own.expected, 0);
  const good = watches.reduce((sum, own) => sum + own.good, 0);
  const media = environmentMedia.map((medium) => mediumFunction(judged, medium));
  const missing = whatIsMissing(facts, judged);
  return {
    value: null,
    unit: 'functions',
    functions: [...media, publicationFunction(facts, media)],
    population: populationOf(judged.map((entry) => memberOf(entry))),
    completeness: expected === 0 ? null : good / expected,
    sources: [
      ...population.flatMap(({ station }) => station.points.map(({ point }) => point)),
      ...(facts.publications.length === 0 ? [] : ['board-serving']),
    ],
    verdict: missing.length === 0 ? 'sufficient' : 'insufficient',
    missing,
  };
}

/** Which of air, water quality and noise are watched live, and whether the public sees them. */
export const environmentMonitoring = defineDerivation<EnvironmentMonitoringFacts>({
  id: 'environment-monitoring',
  version: 1,
  derive,
  members: (facts) => facts.stations.map((station) => memberOf(judge(facts, station))),
});
