import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { spaceTagNames, type SpaceTag } from '#schemas/space-tags.ts';
import { dayRanges, judgeLive, type LiveJudged, type LiveMarks, type PlacedDevice } from '../../live.ts';
import {
  defineItemDerivation,
  populationOf,
  unwatchedDays,
  type DayFacts,
  type ItemFacts,
  type Member,
} from '../../measure.ts';

export interface SpaceCoverageFacts extends ItemFacts {
  /** The complete local days of the period. */
  readonly days: readonly DayFacts[];
  /** Places that the park declares at the end of the period, with the devices that stand in them. */
  readonly spaces: readonly {
    readonly spaceId: string;
    readonly name: string;
    readonly deviceIds: readonly string[];
  }[];
  readonly devices: readonly PlacedDevice[];
  /** Of each device. */
  readonly live: readonly LiveMarks[];
}

/** A place with what came of its devices. */
interface JudgedSpace {
  readonly spaceId: string;
  readonly name: string;
  readonly devices: readonly LiveJudged[];
  /** The device that makes the place counted. */
  readonly by: LiveJudged | null;
}

function judgeSpaces(facts: SpaceCoverageFacts): JudgedSpace[] {
  const days = dayRanges(facts.days);
  const devices = new Map(facts.devices.map((device) => [device.deviceId, device]));
  const judged = new Map(
    facts.live.flatMap((live) => {
      const device = devices.get(live.deviceId);
      return device === undefined ? [] : [[live.deviceId, judgeLive(device, live, days)] as const];
    }),
  );
  return facts.spaces.map(({ spaceId, name, deviceIds }) => {
    const own = deviceIds.flatMap((id) => judged.get(id) ?? []);
    return { spaceId, name, devices: own, by: own.find(({ standing }) => standing === 'counted') ?? null };
  });
}

function memberOf({ spaceId, name, devices, by }: JudgedSpace): Member {
  const shown = by ?? devices[0] ?? null;
  const foreign = devices.find(({ device }) => device.provenance !== 'field');
  return {
    deviceId: spaceId,
    name,
    class: 'space',
    provenance: (by ?? foreign)?.device.provenance ?? 'field',
    standing: by === null ? 'not-counted' : 'counted',
    noted: by?.noted ?? false,
    point: shown?.point ?? null,
    reason:
      shown === null
        ? { zh: '其中没有在用的相关设备', en: 'No such device was in service in it' }
        : {
            zh: `${devices.length} 台设备；${shown.device.deviceId}：${shown.reason.zh}`,
            en: `${devices.length} devices; ${shown.device.deviceId}: ${shown.reason.en}`,
          },
  };
}

function whatIsMissing(
  facts: SpaceCoverageFacts,
  item: RubricItem,
  judged: readonly JudgedSpace[],
): Bilingual[] {
  if (facts.days.length === 0) {
    return [{ zh: '评估期内没有完整的本地日', en: 'The period holds no complete local day' }];
  }
  if (facts.spaces.length === 0) {
    const names = (item.coverage?.spaces ?? []).map((tag: SpaceTag) => spaceTagNames[tag]);
    return [
      {
        zh: `园区没有申报“${names.map(({ zh }) => zh).join('、')}”的空间`,
        en: `The park has declared no space as ${names.map(({ en }) => en).join(' or ')}`,
      },
    ];
  }
  if (judged.every(({ by }) => by !== null)) return [];
  return unwatchedDays(
    facts.days,
    judged.flatMap(({ devices }) => devices.map(({ device }) => device.service)),
  );
}

function derive(facts: SpaceCoverageFacts, item: RubricItem): Measurement {
  const judged = judgeSpaces(facts);
  const missing = whatIsMissing(facts, item, judged);
  const population = populationOf(judged.map(memberOf));
  const known = judged.flatMap(({ devices }) => devices).filter(({ standing }) => standing !== 'excluded');
  const days = known.reduce((sum, entry) => sum + entry.days, 0);
  const goodDays = known.reduce((sum, entry) => sum + entry.goodDays, 0);
  const unit = item.bands.flatMap(({ ranges }) => ranges.map((range) => range.unit))[0] ?? '%';
  const { counted, of } = population;
  const sufficient = missing.length === 0;
  return {
    value: sufficient ? (unit === '%' ? (100 * counted) / of : counted) : null,
    unit,
    population,
    completeness: days === 0 ? null : goodDays / days,
    sources: [...new Set(known.map(({ point }) => point))],
    verdict: sufficient ? 'sufficient' : 'insufficient',
    missing,
  };
}

/** How many of the places that the park declares have a device of a kind that delivers: a share, or a number. */
export const spaceCoverage = defineItemDerivation<SpaceCoverageFacts>({
  id: 'space-coverage',
  version: 1,
  derive,
  members: (facts) => judgeSpaces(facts).map(memberOf),
});
