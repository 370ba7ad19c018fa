import { floodBegins, manageableRate, mostRate } from '#schemas/alarm-figures.ts';
import type { DurationFigures } from '#schemas/api/alarm-figures.ts';
import { severities } from '#schemas/device-class.ts';
import type { NoticeLanguage } from '#schemas/notify.ts';
import type { ReportFigures, WeekReport } from './report.ts';

/** A report in words: what it is of, one sentence, a line for each figure, and the most frequent alarms. */
export interface ReportWords {
  readonly subject: string;
  readonly summary: string;
  readonly lines: readonly (readonly [label: string, text: string])[];
  readonly top: readonly string[];
}

type Say = (zh: string, en: string) => string;

interface Row {
  readonly label: string;
  readonly of: (figures: ReportFigures) => string;
  /** What it is held against; empty where nothing is. */
  readonly reference?: string;
}

/** Pure. */
export function reportWords(
  report: WeekReport,
  { language, severity }: { language: NoticeLanguage; severity: Readonly<Record<string, string>> },
): ReportWords {
  const say: Say = (zh, en) => (language === 'en' ? en : zh);
  const { week, position, figures, before } = report;
  const place = position === null ? say('全部席位', 'all positions') : say(position.zh, position.en);
  return {
    subject: say(`${week.from} 至 ${week.to} · ${place}`, `${week.from} to ${week.to} · ${place}`),
    summary: summaryOf(report, say),
    lines: rowsOf(say, severity).map((row) => [row.label, textOf(row, { figures, before, say })]),
    top: topOf(figures, say, language),
  };
}

function summaryOf({ figures, before }: WeekReport, say: Say): string {
  if (figures.days === 0) return say('本周没有统计', 'Nothing was counted in this week');
  const was =
    before === null ? '' : say(`（上周 ${before.announced}）`, ` (${before.announced} the week before)`);
  const perDay = number(figures.rate.perDay);
  return say(
    `提示告警 ${figures.announced} 条${was}，日均 ${perDay} 条，统计 ${figures.days} 天`,
    `${figures.announced} alarms announced${was}, ${perDay} a day, ${figures.days} days counted`,
  );
}

function textOf(
  { of, reference }: Row,
  { figures, before, say }: { figures: ReportFigures; before: ReportFigures | null; say: Say },
): string {
  const beside = [
    ...(before === null ? [] : [say(`上周 ${of(before)}`, `week before ${of(before)}`)]),
    ...(reference === undefined ? [] : [say(`参照 ${reference}`, `reference ${reference}`)]),
  ];
  return beside.length === 0
    ? of(figures)
    : say(`${of(figures)}（${beside.join('，')}）`, `${of(figures)} (${beside.join(', ')})`);
}

function rowsOf(say: Say, severity: Readonly<Record<string, string>>): Row[] {
  return [
    { label: say('提示的告警', 'Announced'), of: ({ announced }) => String(announced) },
    {
      label: severities.map((each) => severity[each] ?? each).join(' / '),
      of: ({ bySeverity }) => severities.map((each) => bySeverity[each]).join(' / '),
    },
    {
      label: say('只记录（搁置、抑制、停用期间）', 'Recorded only'),
      of: ({ recorded }) => String(recorded),
    },
    {
      label: say('平均每 10 分钟', 'Mean per 10 min'),
      of: ({ rate }) => number(rate.mean),
      reference: `≤ ${manageableRate}`,
    },
    {
      label: say('95 % 的时段不超过', '95 % of buckets within'),
      of: ({ rate }) => number(rate.p95),
      reference: `≤ ${mostRate}`,
    },
    {
      label: say('10 分钟峰值', 'Peak in 10 min'),
      of: ({ rate }) => number(rate.peak),
      reference: `≤ ${floodBegins}`,
    },
    { label: say('处于洪泛的时段', 'Buckets in a flood'), of: ({ rate }) => percent(rate.inFlood) },
    { label: say('洪泛次数', 'Floods'), of: ({ floods }) => String(floods.count), reference: '0' },
    { label: say('确认用时', 'Time to acknowledge'), of: ({ acknowledge }) => times(acknowledge, say) },
    { label: say('恢复用时', 'Time to clear'), of: ({ clear }) => times(clear, say) },
    {
      label: say('抖动来源', 'Chattering'),
      of: ({ chattering }) => String(chattering.sources),
      reference: '0',
    },
    {
      label: say('周末仍滞留超过 24 小时', 'Standing for more than 24 h'),
      of: ({ standing }) => String(standing),
      reference: '0',
    },
    { label: say('搁置 / 抑制 / 停用时间', 'Shelved / suppressed / out of service'), of: heldOf(say) },
    { label: say('前十占比', 'Share of the ten most frequent'), of: ({ topShare }) => percent(topShare) },
  ];
}

const heldOf =
  (say: Say) =>
  ({ held }: ReportFigures): string =>
    [held.shelvedS, held.suppressedS, held.outOfServiceS].map((seconds) => span(seconds, say)).join(' / ');

function topOf({ top }: ReportFigures, say: Say, language: NoticeLanguage): string[] {
  return top.map((each, i) => {
    const rule = language === 'en' ? (each.ruleNameEn ?? each.ruleName) : each.ruleName;
    const told = say(`${each.raised} 次`, `${each.raised} times`);
    return `${i + 1}. ${rule} · ${each.deviceName} · ${told} · ${percent(each.share)}`;
  });
}

function times({ count, medianS, p95S }: DurationFigures, say: Say): string {
  if (medianS === null || p95S === null) return '—';
  return say(
    `中位 ${span(medianS, say)}，95 % ≤ ${span(p95S, say)}，${count} 条`,
    `median ${span(medianS, say)}, 95 % ≤ ${span(p95S, say)}, ${count} alarms`,
  );
}

function number(value: number | null): string {
  return value === null ? '—' : String(Number(value.toPrecision(3)));
}

function percent(share: number | null): string {
  return share === null ? '—' : `${Number((share * 100).toFixed(1))} %`;
}

const units = [
  [86_400, '天', 'd'],
  [3_600, '小时', 'h'],
  [60, '分钟', 'min'],
  [1, '秒', 's'],
] as const;

/** In the largest unit that it fills. */
function span(seconds: number, say: Say): string {
  const [unitS, zh, en] = units.find(([each]) => seconds >= each) ?? units[3];
  return `${Number((seconds / unitS).toPrecision(3))} ${say(zh, en)}`;
}
