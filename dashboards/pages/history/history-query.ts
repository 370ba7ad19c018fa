import type { Fill, Resolution } from '#schemas/api/readings.ts';

/** What the address of the page says, as it is asked for. */
export interface HistoryChoice {
  readonly points: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolution: 'auto' | Resolution;
  readonly shape: boolean;
  readonly fill: Fill | undefined;
  readonly compare: boolean;
  readonly view: 'chart' | 'table';
}

export const historyNames = [
  'points',
  'from',
  'to',
  'range',
  'resolution',
  'shape',
  'fill',
  'compare',
  'view',
] as const;
export type HistoryValues = Readonly<Record<(typeof historyNames)[number], string>>;

/** Lengths of the period that ends now. */
export const spans = {
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
  '365d': 365 * 86_400_000,
} as const;
export type SpanKey = keyof typeof spans;

/** Points that are shown together. */
export const mostPoints = 8;
/** Readings of a series that are taken by shape: about as many as a wide screen has pixels. */
export const shapeValues = 2_000;

const resolutions: readonly string[] = ['raw', '1m', '15m', '1h', '1d'] satisfies Resolution[];
const fills: readonly string[] = ['null', 'previous', 'linear'] satisfies Fill[];

function isResolution(text: string): text is Resolution {
  return resolutions.includes(text);
}

function isFill(text: string): text is Fill {
  return fills.includes(text);
}

export function isSpan(text: string): text is SpanKey {
  return text in spans;
}

/** Reads the address; what it does not say, or says wrongly, has a default. Pure. */
export function toChoice(values: HistoryValues, presentMs: number): HistoryChoice {
  const [fromMs, toMs] = [Date.parse(values.from), Date.parse(values.to)];
  const lengthMs = spans[isSpan(values.range) ? values.range : '24h'];
  const period = fromMs < toMs ? { fromMs, toMs } : { fromMs: presentMs - lengthMs, toMs: presentMs };
  const resolution = isResolution(values.resolution) ? values.resolution : 'auto';
  const shape = values.shape === '1' && (resolution === 'raw' || resolution === 'auto');
  const canFill = !shape && resolution !== 'raw';
  return {
    points: [...new Set(values.points.split(',').filter((key) => key.includes('.')))].slice(0, mostPoints),
    ...period,
    resolution,
    shape,
    fill: canFill && isFill(values.fill) ? values.fill : undefined,
    compare: values.compare === '1',
    view: values.view === 'table' ? 'table' : 'chart',
  };
}

/** How much of a period is missing. Pure. */
export function gapFigures(gaps: readonly (readonly [number, number])[] | undefined): {
  count: number;
  lengthMs: number;
} {
  const lengthMs = (gaps ?? []).reduce((sum, [fromMs, toMs]) => sum + toMs - fromMs, 0);
  return { count: gaps?.length ?? 0, lengthMs };
}

/** Times of all series, ascending, each once, at most so many. Pure. */
export function tableTimes(series: readonly { readonly t: readonly number[] }[], most: number): number[] {
  return [...new Set(series.flatMap(({ t }) => t))].toSorted((a, b) => a - b).slice(0, most);
}
