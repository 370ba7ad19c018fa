import { z } from 'zod';
import { bilingualSchema, severities, type DeviceClass } from './device-class.ts';
import { metricSchema } from './ids.ts';

const clockSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
/** A part of every local day; one that ends before it begins goes over midnight. */
const hoursSchema = z.strictObject({ from: clockSchema, to: clockSchema });

/**
 * A figure at the head of a board. `count` counts devices that are in one of `states`, `over` those beyond a limit of the
 * board; `sum` leaves out a meter whose consumption a meter above it, shown on the same board, counts too.
 */
const figureSchema = z.discriminatedUnion('stat', [
  z.strictObject({
    stat: z.literal('count'),
    metric: metricSchema,
    states: z.array(metricSchema).min(1),
    name: bilingualSchema.optional(),
  }),
  z.strictObject({ stat: z.literal('over') }),
  z.strictObject({
    stat: z.enum(['sum', 'mean', 'min', 'max']),
    metric: metricSchema,
    name: bilingualSchema.optional(),
  }),
]);
export type BoardFigure = z.infer<typeof figureSchema>;

const limitSchema = z.strictObject({
  metric: metricSchema,
  side: z.enum(['high', 'low']),
  limit: z.number(),
  /** What a day is judged by: its mean, or its highest (lowest) hour. */
  of: z.enum(['day', 'hour']),
  /** Holds only then. */
  hours: hoursSchema.optional(),
  severity: z.enum(severities),
  /** Where the figure comes from. */
  basis: bilingualSchema,
});
export type BoardLimit = z.infer<typeof limitSchema>;

const feedSchema = z.strictObject({
  /** What is shown of which events, newest first; others are not. */
  events: z
    .array(
      z.strictObject({
        type: z.string().min(1).max(200),
        name: bilingualSchema,
        severity: z.enum(severities).optional(),
      }),
    )
    .min(1)
    .max(20),
  /** Facts of an event that are shown; nothing that tells who somebody is. */
  fields: z.array(z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,40}$/)).max(6),
});

export const trendFolds = ['sum', 'mean', 'min', 'max'] as const;

/** What the board of a device class shows, as data: the console has one page for all of them. */
export const classBoardSchema = z.strictObject({
  figures: z.array(figureSchema).max(8),
  /** Metrics of the table, in order. */
  columns: z.array(metricSchema).min(1).max(9),
  /** One line of all devices together; absent where adding them up says nothing. */
  trend: z.strictObject({ metric: metricSchema, fold: z.enum(trendFolds) }).optional(),
  /** The least that runs at night, read off the trend. */
  nightBase: hoursSchema.optional(),
  /** The counter whose consumption is compared and ranked. */
  consumption: metricSchema.optional(),
  /** Whether devices are meters under meters (attribute `parentMeterId`). */
  meterTree: z.boolean().default(false),
  limits: z.array(limitSchema).default([]),
  feed: feedSchema.optional(),
});
export type ClassBoard = z.infer<typeof classBoardSchema>;
export type ClassBoardInput = z.input<typeof classBoardSchema>;

/** What of a board does not fit its class, in words; empty when it does. Pure. */
export function boardProblems(board: ClassBoard, { metrics }: DeviceClass): string[] {
  const named = [
    ...board.columns,
    ...board.figures.flatMap((figure) => (figure.stat === 'over' ? [] : figure.metric)),
    ...board.limits.map(({ metric }) => metric),
    ...[board.trend?.metric, board.consumption].flatMap((metric) => metric ?? []),
  ];
  const problems = named
    .filter((metric) => !Object.hasOwn(metrics, metric))
    .map((metric) => `${metric} is no metric of the class`);
  if (new Set(board.columns).size !== board.columns.length) problems.push('a column appears twice');
  for (const figure of board.figures) problems.push(...figureProblems(figure, { metrics, board }));
  const isNumber = (metric: string) => metrics[metric]?.kind !== 'state';
  if (board.trend !== undefined && metrics[board.trend.metric]?.kind !== 'gauge') {
    problems.push('the trend is of a gauge');
  }
  if (board.consumption !== undefined && metrics[board.consumption]?.kind !== 'counter') {
    problems.push('consumption is of a counter');
  }
  if (board.nightBase !== undefined && board.trend?.fold !== 'sum') {
    problems.push('a night base load is read off a trend that is a sum');
  }
  if (board.limits.some(({ metric }) => !isNumber(metric))) problems.push('a state has no limit');
  return problems;
}

function figureProblems(
  figure: BoardFigure,
  { metrics, board }: { metrics: DeviceClass['metrics']; board: ClassBoard },
): string[] {
  if (figure.stat === 'over') return board.limits.length === 0 ? ['over counts against limits'] : [];
  const metric = metrics[figure.metric];
  if (figure.stat !== 'count') return metric?.kind === 'gauge' ? [] : [`${figure.stat} is of a gauge`];
  const keys = new Set(metric?.states?.map(({ key }) => key));
  return figure.states
    .filter((state) => !keys.has(state))
    .map((state) => `${figure.metric} has no state ${state}`);
}

/** Quantities that add up over devices; of others the mean is told. */
const additive: ReadonlySet<string> = new Set(['kW', 'kvar', 'kVA', 'm3/h', 'kbit/s']);
const mostDefaultFigures = 5;

/** The board of a class that says nothing of its own: what is not normal, and what its first number does. Pure. */
export function defaultBoard({ metrics, headline, medium }: DeviceClass): ClassBoardInput {
  const columns = headline.slice(0, 9);
  const gauge = columns.find((key) => metrics[key]?.kind === 'gauge' && metrics[key].unit !== '1');
  const fold = additive.has(metrics[gauge ?? '']?.unit ?? '') ? ('sum' as const) : ('mean' as const);
  const abnormal = Object.entries(metrics).flatMap(([metric, { abnormal: states = {} }]) =>
    Object.keys(states).length === 0 ? [] : [{ stat: 'count' as const, metric, states: Object.keys(states) }],
  );
  const counter = columns.find((key) => metrics[key]?.kind === 'counter' && metrics[key].unit !== '1');
  const isMeter = medium.some((one) => ['electricity', 'water', 'gas', 'heat'].includes(one));
  return {
    figures: [
      ...(gauge === undefined ? [] : [{ stat: fold, metric: gauge }]),
      ...abnormal.slice(0, mostDefaultFigures - 1),
    ],
    columns,
    ...(gauge === undefined ? {} : { trend: { metric: gauge, fold } }),
    ...(isMeter && counter !== undefined ? { consumption: counter } : {}),
  };
}
