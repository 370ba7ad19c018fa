import type { DayState, MemberDayRow } from '#schemas/api/member-days.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { DaySegment } from '#schemas/local-time.ts';
import { iso } from '../collect.ts';
import type { DayMark } from './rows.ts';
import type { AwayRow, DayValues, HeldRow, StandingRow } from './store.ts';

/** Why a day of a device is not good: pure, from what the registry, the alarms and the readings say of it. */

/** What is known of one device over the period. */
export interface DeviceStory {
  readonly standings: readonly StandingRow[];
  readonly held: readonly HeldRow[];
  readonly away: readonly AwayRow[];
}

/** Reasons of one day that are told together. */
const reasonsEach = 3;

const lifecycleWords: Readonly<Record<StandingRow['lifecycle'], Bilingual>> = {
  planned: { zh: '规划中，尚未投用', en: 'planned, not in service yet' },
  'in-service': { zh: '当日没有全天在此投用', en: 'not in service here for the whole day' },
  'out-of-service': { zh: '停用', en: 'out of service' },
  retired: { zh: '已退役', en: 'retired' },
};

const heldWords: Readonly<Record<HeldRow['kind'], Bilingual>> = {
  shelved: { zh: '告警被搁置', en: 'alarms shelved' },
  'out-of-service': { zh: '告警停用', en: 'alarms out of service' },
  suppressed: {
    zh: '告警被抑制（检修或上级离线）',
    en: 'alarms suppressed (planned work, or a device above away)',
  },
};

interface Span {
  readonly fromMs: number;
  readonly toMs: number | null;
}

const touches = (span: Span, day: DaySegment): boolean =>
  span.fromMs < day.toMs && (span.toMs ?? Infinity) > day.fromMs;

/** What is known of a day that is not good. @param values what was stored of the point on it; null: nothing */
export function reasonOf(
  mark: DayMark,
  day: DaySegment,
  known: DeviceStory & { readonly values: DayValues | null },
): Bilingual {
  if (mark.state === 'out') return whyOut(day, known.standings);
  if (mark.state === 'blind') {
    return { zh: '全园当日没有任何读数入库', en: 'no reading of the whole park was stored' };
  }
  const texts = [
    ...(mark.figure === null ? [] : [mark.figure]),
    ...whyQuiet(day, known),
    ...whatCame(mark, known.values),
  ];
  const shown = [...new Map(texts.map((text) => [text.en, text])).values()].slice(0, reasonsEach);
  return { zh: shown.map(({ zh }) => zh).join('；'), en: shown.map(({ en }) => en).join('; ') };
}

function whyOut(day: DaySegment, standings: readonly StandingRow[]): Bilingual {
  const own = standings.filter((standing) => touches(standing, day));
  const lying = own.findLast(({ lifecycle }) => lifecycle !== 'in-service') ?? own[0];
  if (lying !== undefined) return lifecycleWords[lying.lifecycle];
  const isBefore = standings.every(({ fromMs }) => fromMs >= day.toMs);
  return isBefore
    ? { zh: '尚未登记', en: 'not registered yet' }
    : { zh: '已不在设备台账中', en: 'no longer in the registry' };
}

function whyQuiet(day: DaySegment, { held, away }: DeviceStory): Bilingual[] {
  const gone = away.filter((span) => touches(span, day));
  const quiet = held.filter((span) => touches(span, day));
  return [
    ...gone.map(({ parentId }) => ({ zh: `上级设备 ${parentId} 离线`, en: `${parentId} above it was away` })),
    ...quiet
      // What the system suppressed because a device above was away is told already.
      .filter(({ kind, actor }) => gone.length === 0 || kind !== 'suppressed' || actor !== 'system')
      .map(({ kind, actor, reason }) => {
        const by = actor === 'system' || actor.startsWith('maintenance:') ? '' : actor;
        const { zh, en } = heldWords[kind];
        return {
          zh: `${zh}${by === '' ? '' : `（${by}）`}：${reason}`,
          en: `${en}${by === '' ? '' : ` by ${by}`}: ${reason}`,
        };
      }),
  ];
}

function whatCame({ state }: DayMark, values: DayValues | null): Bilingual[] {
  if (state !== 'missing') return [];
  if (values === null || values.count === 0) return [{ zh: '没有收到读数', en: 'no reading came' }];
  if (values.good > 0) return [];
  return [
    {
      zh: `收到 ${values.count} 个读数，没有一个良好`,
      en: `${values.count} readings came, none of them good`,
    },
  ];
}

/** Days in a row with the same state and reason become one; days that are good are not told. */
export function lacksOf(
  days: readonly DaySegment[],
  told: readonly { readonly state: DayState; readonly reason: Bilingual | null }[],
): MemberDayRow['lacks'] {
  const lacks: MemberDayRow['lacks'] = [];
  let before = -1;
  for (const [index, { state, reason }] of told.entries()) {
    const day = days[index];
    if (day === undefined || reason === null) continue;
    const last = lacks.at(-1);
    if (before === index - 1 && last?.state === state && last.reason.en === reason.en) {
      last.lastDay = day.day;
      last.to = iso(day.toMs);
      last.days += 1;
    } else {
      const { fromMs, toMs } = day;
      lacks.push({
        firstDay: day.day,
        lastDay: day.day,
        days: 1,
        from: iso(fromMs),
        to: iso(toMs),
        state,
        reason,
      });
    }
    before = index;
  }
  return lacks;
}
