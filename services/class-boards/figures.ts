import type { BoardFigureValue, BoardRow } from '#schemas/api/class-board.ts';
import { isWithin } from '#schemas/board-hours.ts';
import type { BoardFigure, BoardLimit, ClassBoard } from '#schemas/class-board.ts';
import type { Bilingual, DeviceClass, MetricDefinition, Severity } from '#schemas/device-class.ts';
import { severities } from '#schemas/device-class.ts';

/** What a board says of values. Pure. */

export function isOver({ side, limit }: Pick<BoardLimit, 'side' | 'limit'>, value: number): boolean {
  return side === 'high' ? value > limit : value < limit;
}

/** Limits that hold at a minute of the local day. */
export function limitsAt(limits: readonly BoardLimit[], minute: number): BoardLimit[] {
  return limits.filter(({ hours }) => hours === undefined || isWithin(hours, minute));
}

/** The worse of two; null is well. */
export function worse(a: Severity | null, b: Severity | null): Severity | null {
  if (a === null || b === null) return a ?? b;
  return severities.indexOf(a) <= severities.indexOf(b) ? a : b;
}

/** The severity of a value by what its state or a limit says of it; a bad value says nothing. */
export function severityOf(value: BoardRow['values'][number], metric: MetricDefinition | undefined) {
  if (value.quality === 'bad') return null;
  const state = metric?.states?.[value.value]?.key;
  const abnormal = state === undefined ? undefined : metric?.abnormal?.[state];
  return worse(abnormal ?? null, value.over);
}

const connections = ['offline', 'silent', null, 'online'] as const;

/** Where a row stands, as text that orders: what is worst first, then who does not report, then by id. */
export function rankOf(row: Pick<BoardRow, 'id' | 'severity' | 'connection' | 'alarms'>): string {
  const severity = row.severity === null ? severities.length : severities.indexOf(row.severity);
  return `${severity}${connections.indexOf(row.connection)}${row.alarms > 0 ? 0 : 1}/${row.id}`;
}

const words: Readonly<Record<'over' | Exclude<BoardFigure['stat'], 'count' | 'over'>, Bilingual>> = {
  over: { zh: '超限设备', en: 'Beyond a limit' },
  sum: { zh: '合计', en: 'total' },
  mean: { zh: '平均', en: 'mean' },
  min: { zh: '最低', en: 'lowest' },
  max: { zh: '最高', en: 'highest' },
};

function nameOf(figure: BoardFigure, metric: MetricDefinition | undefined): Bilingual {
  if (figure.stat === 'over') return words.over;
  if (figure.name !== undefined) return figure.name;
  const name = metric?.name ?? { zh: figure.metric, en: figure.metric };
  if (figure.stat !== 'count') {
    const { zh, en } = words[figure.stat];
    return { zh: `${name.zh}${zh}`, en: `${name.en}, ${en}` };
  }
  const states = metric?.states?.filter(({ key }) => figure.states.includes(key)) ?? [];
  const join = (language: 'zh' | 'en', sign: string) =>
    `${name[language]}${language === 'zh' ? '：' : ': '}${states.map((state) => state.name[language]).join(sign)}`;
  return { zh: join('zh', '、'), en: join('en', ', ') };
}

export interface FigureSource {
  readonly board: ClassBoard;
  readonly deviceClass: DeviceClass;
  readonly rows: readonly BoardRow[];
  /** Devices whose meter above them is on the board, too. */
  readonly counted: ReadonlySet<string>;
}

/** The figures at the head of a board over all of its devices; bad values tell nothing. */
export function boardFigures(source: FigureSource): BoardFigureValue[] {
  return source.board.figures.map((figure) => figureOf(figure, source));
}

function figureOf(figure: BoardFigure, source: FigureSource): BoardFigureValue {
  const { deviceClass, rows } = source;
  const metric = figure.stat === 'over' ? undefined : deviceClass.metrics[figure.metric];
  const name = nameOf(figure, metric);
  const of = rows.length;
  const counts = { metric: null, name, unit: '', decimals: 0, of };
  if (figure.stat === 'over') {
    const over = rows.flatMap(({ values }) => {
      const found = values.flatMap((value) => value.over ?? []).reduce<Severity | null>(worse, null);
      return found === null ? [] : [found];
    });
    const known = rows.filter(({ values }) => values.length > 0).length;
    const severity = over.reduce<Severity | null>(worse, null);
    return { ...counts, stat: 'over', value: known === 0 ? null : over.length, known, severity };
  }
  const told = toldOf(figure, source);
  const known = told.length;
  if (figure.stat === 'count') {
    const states = metric?.states ?? [];
    const codes = states.flatMap(({ key }, code) => (figure.states.includes(key) ? [code] : []));
    const value = told.filter((code) => codes.includes(code)).length;
    const worst = figure.states
      .map((state) => metric?.abnormal?.[state] ?? null)
      .reduce<Severity | null>(worse, null);
    const severity = value > 0 ? worst : null;
    return {
      ...counts,
      stat: 'count',
      metric: figure.metric,
      value: known === 0 ? null : value,
      known,
      severity,
    };
  }
  return {
    ...counts,
    stat: figure.stat,
    metric: figure.metric,
    unit: metric?.unit ?? '',
    decimals: metric?.decimals ?? 0,
    value: known === 0 ? null : fold(figure.stat, told),
    known,
    of: figure.stat === 'sum' ? rows.filter(({ id }) => !source.counted.has(id)).length : of,
    severity: null,
  };
}

/** Values of a figure's metric; of a sum without meters that another one counts, where any is above. */
function toldOf(figure: Exclude<BoardFigure, { stat: 'over' }>, { rows, counted }: FigureSource): number[] {
  return rows
    .filter(({ id }) => figure.stat !== 'sum' || !counted.has(id))
    .flatMap(({ values }) =>
      values.flatMap(({ metric, value, quality }) =>
        metric === figure.metric && quality !== 'bad' ? [value] : [],
      ),
    );
}

/** Folds at least one number. */
export function fold(how: 'sum' | 'mean' | 'min' | 'max', values: readonly number[]): number {
  if (how === 'min') return values.reduce((a, b) => Math.min(a, b), Infinity);
  if (how === 'max') return values.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = values.reduce((a, b) => a + b, 0);
  return how === 'sum' ? sum : sum / values.length;
}

/** Meters that stand below another one of these. */
export function countedBelow(
  devices: readonly { readonly id: string; readonly attributes: Readonly<Record<string, unknown>> }[],
): { counted: ReadonlySet<string>; parents: ReadonlySet<string> } {
  const ids = new Set(devices.map(({ id }) => id));
  const counted = new Set<string>();
  const parents = new Set<string>();
  for (const { id, attributes } of devices) {
    const parent = attributes['parentMeterId'];
    if (typeof parent !== 'string' || parent === id || !ids.has(parent)) continue;
    counted.add(id);
    parents.add(parent);
  }
  return { counted, parents };
}
