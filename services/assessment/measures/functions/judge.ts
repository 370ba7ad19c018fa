import type { Bilingual } from '#schemas/device-class.ts';
import type { Proof, ProofOf } from '#schemas/rubric-proof.ts';
import { judgeLive, type DayRange, type LiveJudged, type PlacedDevice } from '../../live.ts';
import { percent } from '../../measure.ts';
import type {
  DueFacts,
  HappenedFacts,
  LiveFacts,
  ProofFacts,
  PublicationFacts,
  RuleFacts,
  StateFacts,
} from './facts.ts';

/** What came of one proof. */
export interface ProofVerdict {
  readonly holds: boolean;
  /** There was something to judge, so that "no" is a finding and not a lack of data. */
  readonly judged: boolean;
  readonly reason: Bilingual;
  /** Devices that it looked at by days. */
  readonly live: readonly LiveJudged[];
  /** Devices that stand for it otherwise, with what they say. */
  readonly witnesses: readonly Witness[];
  readonly sources: readonly string[];
}

export interface Witness {
  readonly deviceId: string;
  readonly holds: boolean;
  readonly reason: Bilingual;
  readonly point: string | null;
}

export interface JudgeContext {
  readonly devices: ReadonlyMap<string, PlacedDevice>;
  readonly days: readonly DayRange[];
  /** End of the period; RFC 3339. */
  readonly to: string;
}

/** @throws Error when the facts are not those of the proof */
export function judgeProof(proof: Proof, facts: ProofFacts, context: JudgeContext): ProofVerdict {
  switch (facts.kind) {
    case 'live':
      return judgeLiveProof(expected(proof, 'live'), facts, context);
    case 'state':
      return judgeState(expected(proof, 'state'), facts);
    case 'due':
      return judgeDue(facts);
    case 'rule':
      return judgeRule(facts);
    case 'publication':
      return judgePublication(expected(proof, 'publication'), facts);
    default:
      if (proof.kind !== facts.kind) throw new Error(`facts of ${facts.kind} do not answer ${proof.kind}`);
      return judgeHappened(proof, facts);
  }
}

function expected<K extends Proof['kind']>(proof: Proof, kind: K): ProofOf<K> {
  if (proof.kind !== kind) throw new Error(`facts of ${kind} do not answer ${proof.kind}`);
  return proof as ProofOf<K>;
}

const nothing = { live: [], witnesses: [], sources: [] };

function judgeLiveProof(proof: ProofOf<'live'>, facts: LiveFacts, context: JudgeContext): ProofVerdict {
  const live = facts.candidates.flatMap((candidate) => {
    const device = context.devices.get(candidate.deviceId);
    return device === undefined ? [] : [judgeLive(device, candidate, context.days)];
  });
  const population = live.filter(({ standing }) => standing !== 'excluded');
  const counted = population.filter(({ standing }) => standing === 'counted');
  const base = { live, witnesses: [], sources: population.map(({ point }) => point) };
  if (proof.least === 'every-space') return { ...base, ...judgeSpaces(facts, counted) };
  const judged = population.length > 0;
  const share = judged ? counted.length / population.length : 0;
  // Whole numbers against whole numbers: 9 of 10 are exactly 90 %.
  const holds =
    proof.least === 'one'
      ? counted.length > 0
      : judged && counted.length * 100 >= population.length * proof.least.share;
  const asked = proof.least === 'one' ? null : `${proof.least.share} %`;
  return {
    ...base,
    holds,
    judged,
    reason: judged
      ? {
          zh: `${population.length} 台设备中 ${counted.length} 台持续有数据（${percent(share)}${asked === null ? '' : `，需 ${asked}`}）`,
          en: `${counted.length} of ${population.length} devices deliver (${percent(share)}${asked === null ? '' : `, ${asked} are asked`})`,
        }
      : noDevice(proof.classes, facts.candidates.length),
  };
}

function noDevice(classes: readonly string[], candidates: number): Bilingual {
  const names = classes.join(', ');
  return candidates === 0
    ? { zh: `评估期内没有在用的相关设备（${names}）`, en: `No such device was in service (${names})` }
    : {
        zh: `${candidates} 台相关设备投用不足一个完整本地日或已被排除`,
        en: `None of ${candidates} such devices was in service for a complete local day, or all are left out`,
      };
}

function judgeSpaces(
  { spaces }: LiveFacts,
  counted: readonly LiveJudged[],
): Pick<ProofVerdict, 'holds' | 'judged' | 'reason'> {
  if (spaces.length === 0) {
    return {
      holds: false,
      judged: false,
      reason: { zh: '园区没有申报相应的空间', en: 'The park has declared no such space' },
    };
  }
  const delivering = new Set(counted.map(({ device }) => device.deviceId));
  const lacking = spaces.filter(({ deviceIds }) => !deviceIds.some((id) => delivering.has(id)));
  const names = lacking.map(({ name }) => name).join('、');
  return {
    holds: lacking.length === 0,
    judged: true,
    reason:
      lacking.length === 0
        ? {
            zh: `${spaces.length} 处申报空间都有持续上数的设备`,
            en: `Each of ${spaces.length} declared spaces has a device that delivers`,
          }
        : {
            zh: `${spaces.length} 处申报空间中 ${lacking.length} 处没有持续上数的设备：${names}`,
            en: `${lacking.length} of ${spaces.length} declared spaces have no device that delivers: ${names}`,
          },
  };
}

function judgeState({ classes, states }: ProofOf<'state'>, { devices }: StateFacts): ProofVerdict {
  const witnesses = devices.map(({ deviceId, point, reading }): Witness => ({
    deviceId,
    point,
    holds: reading !== null && states.includes(reading.state),
    reason:
      reading === null
        ? { zh: '评估期末前 24 小时内没有良好读数', en: 'No good reading in the last 24 hours of the period' }
        : { zh: `${reading.time} 为 ${reading.state}`, en: `${reading.state} at ${reading.time}` },
  }));
  const good = witnesses.filter(({ holds }) => holds).length;
  const known = devices.filter(({ reading }) => reading !== null).length;
  return {
    ...nothing,
    witnesses,
    sources: devices.map(({ point }) => point),
    holds: devices.length > 0 && good === devices.length,
    // One that is not well decides; silence does not.
    judged: good < known || (devices.length > 0 && known === devices.length),
    reason:
      devices.length === 0
        ? noDevice(classes, 0)
        : {
            zh: `${devices.length} 台设备中 ${good} 台在评估期末状态正常`,
            en: `${good} of ${devices.length} devices are well at the end of the period`,
          },
  };
}

function judgeDue({ devices, lastDay }: DueFacts): ProofVerdict {
  const witnesses = devices.map(({ deviceId, date }): Witness => ({
    deviceId,
    point: null,
    // Dates are text of the form 2026-11-21, which is in order of time.
    holds: date !== null && isDay(date) && date >= lastDay,
    reason:
      date === null
        ? { zh: '没有登记有效期', en: 'No date is registered' }
        : { zh: `有效期至 ${date}`, en: `Valid until ${date}` },
  }));
  const good = witnesses.filter(({ holds }) => holds).length;
  return {
    ...nothing,
    witnesses,
    sources: devices.length === 0 ? [] : ['registry'],
    holds: devices.length > 0 && good === devices.length,
    judged: devices.length > 0,
    reason: {
      zh: `${devices.length} 台设备中 ${good} 台的登记有效期未过`,
      en: `The registered date of ${good} of ${devices.length} devices is not passed`,
    },
  };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}

function judgeRule({ rules }: RuleFacts): ProofVerdict {
  const names = rules.map(({ ruleId }) => ruleId).join(', ');
  return {
    ...nothing,
    sources: rules.map(({ ruleId, version }) => `rule:${ruleId}@${version}`),
    holds: rules.length > 0,
    // A rule that waits for devices tells nothing of them.
    judged: false,
    reason:
      rules.length === 0
        ? { zh: '没有启用的告警规则监视这类设备', en: 'No enabled alarm rule watches such devices' }
        : { zh: `由告警规则监视：${names}`, en: `Watched by the alarm rules ${names}` },
  };
}

function judgeHappened(proof: Proof, facts: HappenedFacts): ProofVerdict {
  const { occurrences, suitable, attempts } = facts;
  const leastDevices = proof.kind === 'event' ? proof.leastDevices : 1;
  const distinct = new Set(occurrences.map(({ deviceId }) => deviceId)).size;
  const holds = occurrences.length > 0 && distinct >= leastDevices;
  const [newest] = occurrences;
  const asked = askedOf(proof);
  return {
    ...nothing,
    holds,
    judged: holds,
    witnesses: occurrences.map(({ deviceId, what, time, by }) => ({
      deviceId,
      point: null,
      holds,
      reason: {
        zh: `${what}，${time}${by === null ? '' : `（${by}）`}`,
        en: `${what} at ${time}${by === null ? '' : ` (${by})`}`,
      },
    })),
    sources: occurrences.map(({ ref }) => ref),
    reason:
      newest !== undefined && holds
        ? {
            zh: `最近一次 ${newest.time}，由 ${newest.deviceId} 确认（${newest.what}）`,
            en: `Last at ${newest.time}, confirmed by ${newest.deviceId} (${newest.what})`,
          }
        : notHappened(asked, { distinct, leastDevices, suitable, attempts, from: facts.from }),
  };
}

const alarmSteps: Readonly<Record<ProofOf<'alarm'>['step'], Bilingual>> = {
  raised: { zh: '告警产生', en: 'alarm raised' },
  delivered: { zh: '告警送达', en: 'alarm delivered' },
  acknowledged: { zh: '告警确认', en: 'alarm acknowledged' },
};

/** What would prove it, in the words of the data. */
function askedOf(proof: Proof): Bilingual {
  const same = (text: string): Bilingual => ({ zh: text, en: text });
  switch (proof.kind) {
    case 'event':
    case 'linkage':
      return same(proof.types.join(' / '));
    case 'alarm':
      return alarmSteps[proof.step];
    case 'delivery':
      return same(proof.channels.join(' / '));
    default:
      return same(proof.kind);
  }
}

function notHappened(
  asked: Bilingual,
  figures: {
    readonly distinct: number;
    readonly leastDevices: number;
    readonly suitable: number;
    readonly attempts: number | null;
    readonly from: string;
  },
): Bilingual {
  const { distinct, leastDevices, suitable, attempts, from } = figures;
  if (attempts !== null && attempts > 0) {
    return {
      zh: `已尝试 ${attempts} 次，无人确认（${asked.zh}）`,
      en: `Attempted ${attempts} times, confirmed by nobody (${asked.en})`,
    };
  }
  if (distinct > 0) {
    return {
      zh: `只有 ${distinct} 个系统报告，需 ${leastDevices} 个（${asked.zh}）`,
      en: `Reported by ${distinct} systems, ${leastDevices} are asked (${asked.en})`,
    };
  }
  return {
    zh: `自 ${from} 起没有记录（${asked.zh}），可报告的设备或系统 ${suitable} 个`,
    en: `Nothing since ${from} (${asked.en}); ${suitable} devices or systems could report it`,
  };
}

function judgePublication({ reach }: ProofOf<'publication'>, facts: PublicationFacts): ProofVerdict {
  const { displays, publications, from } = facts;
  const newest = publications.find(({ deviceIds }) =>
    reach === 'all'
      ? displays.length > 0 && displays.every((id) => deviceIds.includes(id))
      : deviceIds.length === 1,
  );
  return {
    ...nothing,
    holds: newest !== undefined,
    judged: newest !== undefined,
    witnesses: (newest?.deviceIds ?? []).map((deviceId) => ({
      deviceId,
      point: null,
      holds: true,
      reason: { zh: `确认播放 ${newest?.publication}`, en: `Confirms that it shows ${newest?.publication}` },
    })),
    sources: newest === undefined ? [] : [`publication:${newest.publication}`],
    reason:
      newest === undefined
        ? {
            zh: `自 ${from} 起没有${reach === 'all' ? `全部 ${displays.length} 块` : '单独一块'}屏幕确认的发布`,
            en: `Since ${from} no publication was confirmed by ${reach === 'all' ? `all ${displays.length} displays` : 'one display alone'}`,
          }
        : {
            zh: `${newest.time} 的发布由 ${newest.deviceIds.length} 块屏幕确认`,
            en: `The publication of ${newest.time} was confirmed by ${newest.deviceIds.length} displays`,
          },
  };
}
