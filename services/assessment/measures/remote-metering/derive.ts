import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import { dayRanges, servedDays, type DayRange } from '../../live.ts';
import {
  defineDerivation,
  percent,
  populationOf,
  unwatchedDays,
  withHeld,
  type DayFacts,
  type DeviceFacts,
  type Facts,
  type Member,
} from '../../measure.ts';

/** The media that a rubric's functions are named by. */
export const meteredMedia = ['water', 'electricity', 'gas'] as const;
export type MeteredMedium = (typeof meteredMedia)[number];

export interface MeterFacts extends DeviceFacts {
  readonly medium: MeteredMedium;
  /** Key of the point with the register. */
  readonly point: string;
  /** One character a day of `days`: 1 when a good register reading of that day is stored, else 0. */
  readonly received: string;
  /** Source time of the oldest stored reading of the register; null when there is none. */
  readonly firstReading: string | null;
}

export interface RemoteMeteringFacts extends Facts {
  /** The complete local days of the period. */
  readonly days: readonly DayFacts[];
  readonly meters: readonly MeterFacts[];
}

/** A meter is read remotely when this share of its days in service has a good register reading. */
const goodDayShare = 0.95;

const mediumNames: Readonly<Record<MeteredMedium, Bilingual>> = {
  water: { zh: '水表', en: 'water meters' },
  electricity: { zh: '电表', en: 'electricity meters' },
  gas: { zh: '燃气表', en: 'gas meters' },
};

interface Judged {
  readonly meter: MeterFacts;
  /** Complete local days in service within the period. */
  readonly days: number;
  readonly goodDays: number;
  readonly standing: Member['standing'];
}

function judgeAll(facts: RemoteMeteringFacts): Judged[] {
  const ranges = dayRanges(facts.days);
  return facts.meters.map((meter) => judge(facts, meter, ranges));
}

function judge(facts: RemoteMeteringFacts, meter: MeterFacts, ranges: readonly DayRange[]): Judged {
  if (meter.received.length !== facts.days.length) {
    throw new Error(`${meter.deviceId}: ${meter.received.length} days received, ${facts.days.length} asked`);
  }
  const served = servedDays(meter.service, null, ranges);
  const days = served.filter(Boolean).length;
  const goodDays = served.filter((inService, index) => inService && meter.received[index] === '1').length;
  const left = meter.exclusion !== null || days === 0;
  // Whole numbers against whole numbers: 19 of 20 days are exactly 95 %.
  const enough = goodDays * 100 >= days * Math.round(goodDayShare * 100);
  return { meter, days, goodDays, standing: left ? 'excluded' : enough ? 'counted' : 'not-counted' };
}

function memberOf(facts: RemoteMeteringFacts, judged: Judged): Member {
  const { meter, days, standing } = judged;
  const { deviceId, name, provenance, point } = meter;
  const held = standing !== 'excluded' && (meter.heldS ?? 0) > 0;
  const noted = days > 0 && (days < facts.days.length || held);
  return {
    deviceId,
    name,
    class: meter.class,
    provenance,
    point,
    standing,
    noted,
    reason: reasonOf(facts, judged),
  };
}

function reasonOf(facts: RemoteMeteringFacts, { meter, days, goodDays }: Judged): Bilingual {
  if (meter.exclusion !== null) {
    return { zh: `人工排除：${meter.exclusion.zh}`, en: `Left out by a person: ${meter.exclusion.en}` };
  }
  if (days === 0) {
    return {
      zh: '评估期内投用不足一个完整本地日',
      en: 'In service for less than one complete local day of the period',
    };
  }
  const part = days < facts.days.length;
  const share = percent(goodDays / days);
  const figures = {
    zh: `${days} 个${part ? '投用' : '本地'}日中 ${goodDays} 日有良好计度读数（${share}）`,
    en: `Good register readings on ${goodDays} of ${days} local days${part ? ' in service' : ''} (${share})`,
  };
  return withHeld(figures, meter);
}

function functionsOf(judged: readonly Judged[]): NonNullable<Measurement['functions']> {
  return meteredMedia.map((medium) => {
    const own = judged.filter(({ meter }) => meter.medium === medium);
    const judgeable = own.filter(({ standing }) => standing !== 'excluded');
    const counted = judgeable.filter(({ standing }) => standing === 'counted').length;
    const { zh, en } = mediumNames[medium];
    if (judgeable.length === 0) {
      const none = own.length === 0;
      return {
        id: medium,
        state: 'not-applicable',
        reason: {
          zh: none ? `评估期内园区没有在用${zh}` : `${own.length} 块${zh}均不在统计范围内`,
          en: none ? `The park had no ${en} in service` : `None of ${own.length} ${en} is in the population`,
        },
      };
    }
    return {
      id: medium,
      state: counted > 0 ? 'proven' : 'missing',
      reason: {
        zh: `${judgeable.length} 块${zh}中 ${counted} 块远程抄读`,
        en: `${counted} of ${judgeable.length} ${en} are read remotely`,
      },
    };
  });
}

/** What keeps the facts from deciding anything. */
function whatIsMissing(facts: RemoteMeteringFacts, judged: readonly Judged[]): Bilingual[] {
  if (facts.days.length === 0) {
    return [{ zh: '评估期内没有完整的本地日', en: 'The period holds no complete local day' }];
  }
  if (facts.meters.length === 0) {
    return [
      { zh: '评估期内没有在用的水、电、气表', en: 'No water, electricity or gas meter was in service' },
    ];
  }
  const population = judged.filter(({ standing }) => standing !== 'excluded');
  if (population.length === 0) {
    return [
      {
        zh: '没有一块表在评估期内投用满一个本地日',
        en: 'No meter was in service for a complete local day of the period',
      },
    ];
  }
  if (population.every(({ meter }) => meter.firstReading === null)) {
    return [{ zh: '从未收到任何计度读数', en: 'No register reading of any meter has ever arrived' }];
  }
  return unwatchedDays(
    facts.days,
    population.map(({ meter }) => meter.service),
  );
}

function derive(facts: RemoteMeteringFacts): Measurement {
  const judged = judgeAll(facts);
  const population = populationOf(judged.map((entry) => memberOf(facts, entry)));
  const inPopulation = judged.filter(({ standing }) => standing !== 'excluded');
  const days = inPopulation.reduce((sum, entry) => sum + entry.days, 0);
  const goodDays = inPopulation.reduce((sum, entry) => sum + entry.goodDays, 0);
  const missing = whatIsMissing(facts, judged);
  const sufficient = missing.length === 0;
  return {
    value: sufficient ? (100 * population.counted) / population.of : null,
    unit: '%',
    functions: functionsOf(judged),
    population,
    completeness: days === 0 ? null : goodDays / days,
    sources: inPopulation.map(({ meter }) => meter.point),
    verdict: sufficient ? 'sufficient' : 'insufficient',
    missing,
  };
}

/** Share of water, electricity and gas meters whose registers arrive by themselves, in percent. */
export const remoteMetering = defineDerivation<RemoteMeteringFacts>({
  id: 'remote-metering',
  version: 1,
  derive,
  members: (facts) => judgeAll(facts).map((judged) => memberOf(facts, judged)),
});
