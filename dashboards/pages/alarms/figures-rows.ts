import { floodBegins, manageableRate, mostRate, prioritySpread } from '#schemas/alarm-figures.ts';
import type { AlarmFigures } from '../../app/alarm-api.ts';
import { formatLoose, formatSpan } from '../../app/format.ts';
import type { Translate } from '../../app/i18n.ts';

/** One figure of a period, as table and file tell it. */
export interface FigureRow {
  readonly key: string;
  readonly name: string;
  readonly value: number | null;
  readonly text: string;
  /** What it is held against; empty where nothing is. */
  readonly reference: string;
  /** Beyond the reference; null where there is none, or no value. */
  readonly beyond: boolean | null;
}

const secondMs = 1_000;

export function percent(share: number | null, t: Translate): string {
  return share === null ? t('common.noData') : `${formatLoose(share * 100, 1)} %`;
}

function span(seconds: number | null, t: Translate): string {
  return seconds === null ? t('common.noData') : formatSpan(t, seconds * secondMs);
}

function number(value: number | null, t: Translate): string {
  return value === null ? t('common.noData') : formatLoose(value, 2);
}

/** The figures of a period, each with what it is held against; pure. */
export function figureRows(figures: AlarmFigures, t: Translate): FigureRow[] {
  const { rate, floods, acknowledge, clear, held } = figures;
  const plain = (key: string, name: string, value: number | null): FigureRow => ({
    key,
    name,
    value,
    text: number(value, t),
    reference: '',
    beyond: null,
  });
  const limited = (row: FigureRow, most: number): FigureRow => ({
    ...row,
    reference: most === 0 ? '0' : `≤ ${most}`,
    beyond: row.value === null ? null : row.value > most,
  });
  const shared = (key: string, name: string, value: number | null): FigureRow => ({
    ...plain(key, name, value),
    text: percent(value, t),
  });
  const timed = (key: string, name: string, seconds: number | null): FigureRow => ({
    ...plain(key, name, seconds),
    text: span(seconds, t),
  });
  return [
    plain('announced', t('figures.announced'), figures.announced),
    plain('recorded', t('figures.recorded'), figures.recorded),
    plain('perDay', t('figures.perDay'), rate.perDay),
    limited(plain('mean', t('figures.mean'), rate.mean), manageableRate),
    plain('median', `${t('figures.mean')} · ${t('figures.median')}`, rate.median),
    limited(plain('p95', t('figures.p95'), rate.p95), mostRate),
    plain('p99', t('figures.p99'), rate.p99),
    limited(plain('peak', t('figures.peak'), rate.peak), floodBegins),
    shared('overManageable', t('figures.overManageable'), rate.overManageable),
    shared('overMost', t('figures.overMost'), rate.overMost),
    shared('inFlood', t('figures.inFlood'), rate.inFlood),
    limited(plain('floods', t('figures.floods'), floods.count), 0),
    timed('acknowledgeMedian', `${t('figures.acknowledge')} · ${t('figures.median')}`, acknowledge.medianS),
    timed('acknowledgeP95', `${t('figures.acknowledge')} · 95 %`, acknowledge.p95S),
    timed('clearMedian', `${t('figures.clear')} · ${t('figures.median')}`, clear.medianS),
    timed('clearP95', `${t('figures.clear')} · 95 %`, clear.p95S),
    limited(plain('chattering', t('figures.chattering'), figures.chattering.sources), 0),
    limited(plain('standing', t('figures.standing'), figures.days.at(-1)?.standing ?? 0), 0),
    shared('topShare', t('figures.top'), figures.topShare),
    timed('shelved', `${t('figures.held')} · ${t('figures.shelvedShort')}`, held.shelvedS),
    timed('suppressed', `${t('figures.held')} · ${t('figures.suppressedShort')}`, held.suppressedS),
    timed('outOfService', `${t('figures.held')} · ${t('figures.outOfServiceShort')}`, held.outOfServiceS),
  ];
}

export const priorities = [
  { key: 'critical', target: prioritySpread.critical },
  { key: 'high', target: prioritySpread.high },
  { key: 'medium', target: null },
  { key: 'low', target: null },
] as const;

type Cell = string | number | null;

/** Everything of a period as rows of one file: figures, days, the most frequent ones. */
export function figuresCsv(figures: AlarmFigures, t: Translate): Cell[][] {
  return [
    [t('report.item'), t('report.thisWeek'), t('report.reference')],
    ...figureRows(figures, t).map((row) => [row.name, row.value, row.reference]),
    [],
    [
      t('figures.day'),
      t('figures.announced'),
      ...priorities.map(({ key }) => t(`severity.${key}`)),
      t('figures.recorded'),
      t('figures.peak'),
      t('figures.floodShort'),
      t('figures.standingShort'),
      `${t('figures.shelvedShort')} (s)`,
      `${t('figures.suppressedShort')} (s)`,
      `${t('figures.outOfServiceShort')} (s)`,
    ],
    ...figures.days.map((day): Cell[] => [
      day.day,
      day.announced,
      ...priorities.map(({ key }) => day.bySeverity[key]),
      day.recorded,
      day.peak,
      day.floodBuckets,
      day.standing,
      Math.round(day.shelvedS),
      Math.round(day.suppressedS),
      Math.round(day.outOfServiceS),
    ]),
    [],
    [t('rules.list'), t('alarm.device'), t('figures.raised'), t('figures.share'), t('figures.chattered')],
    ...figures.top.map((each): Cell[] => [each.ruleId, each.object, each.raised, each.share, each.chattered]),
  ];
}
