import type { AlarmCondition, AlarmKind } from './alarm.ts';

export type ConditionKey =
  | 'side'
  | 'limit'
  | 'deadband'
  | 'onDelayMs'
  | 'offDelayMs'
  | 'test'
  | 'states'
  | 'noDataMs'
  | 'direction'
  | 'per'
  | 'windowMs'
  | 'count'
  | 'type'
  | 'where'
  | 'clearType'
  | 'clearAfterMs'
  | 'keyPrefix'
  | 'match'
  | 'of'
  | 'maxAgeMs'
  | 'onceHeard';

/** What a choice offers, of all kinds together. */
export type ConditionOption =
  | 'high-high'
  | 'high'
  | 'low'
  | 'low-low'
  | 'equals'
  | 'leaves'
  | 'rising'
  | 'falling'
  | 'either'
  | 'second'
  | 'minute'
  | 'hour'
  | 'all'
  | 'any';

/** What a field of a condition takes; the editor draws each type once, whatever the kind of rule. */
export type ConditionField = { readonly key: ConditionKey } & (
  | { readonly type: 'choice'; readonly options: readonly ConditionOption[] }
  /** `inMetric`: told in the unit of the metric. */
  | {
      readonly type: 'number';
      readonly inMetric: boolean;
      readonly min?: number;
      readonly max?: number;
      readonly whole?: boolean;
    }
  /** A length of time, ms. */
  | { readonly type: 'span'; readonly minMs: number; readonly maxMs: number }
  /** Yes or no; absent is no. */
  | { readonly type: 'flag' }
  /** Names of states of the metric. */
  | { readonly type: 'states' }
  | { readonly type: 'text'; readonly optional: boolean }
  /** Values by key, as lines of `key=value`. */
  | { readonly type: 'values' }
  /** Values of a combination, with one level of groups. */
  | { readonly type: 'inputs' }
);

const dayMs = 86_400_000;
const choice = (key: ConditionKey, options: readonly ConditionOption[]) =>
  ({ key, type: 'choice', options }) as const;
const span = (key: ConditionKey, minMs: number, maxMs: number) =>
  ({ key, type: 'span', minMs, maxMs }) as const;
const delays = [span('onDelayMs', 0, dayMs), span('offDelayMs', 0, dayMs)] as const;
const deadband = { key: 'deadband', type: 'number', inMetric: true, min: 0 } as const;
const match = ['all', 'any'] as const;

/** The fields of a condition, by its kind, in the order in which a person fills them. */
export const conditionFields: Readonly<Record<AlarmKind, readonly ConditionField[]>> = {
  limit: [
    choice('side', ['high-high', 'high', 'low', 'low-low']),
    { key: 'limit', type: 'number', inMetric: true },
    deadband,
    ...delays,
  ],
  state: [choice('test', ['equals', 'leaves']), { key: 'states', type: 'states' }, ...delays],
  stale: [span('noDataMs', 1_000, 31 * dayMs), { key: 'onceHeard', type: 'flag' }],
  rate: [
    choice('direction', ['rising', 'falling', 'either']),
    { key: 'limit', type: 'number', inMetric: true },
    choice('per', ['second', 'minute', 'hour']),
    span('windowMs', 1_000, dayMs),
    deadband,
    span('offDelayMs', 0, dayMs),
  ],
  count: [
    { key: 'states', type: 'states' },
    { key: 'count', type: 'number', inMetric: false, min: 2, max: 100, whole: true },
    span('windowMs', 1_000, 7 * dayMs),
  ],
  event: [
    { key: 'type', type: 'text', optional: false },
    { key: 'where', type: 'values' },
    { key: 'count', type: 'number', inMetric: false, min: 1, max: 100, whole: true },
    span('windowMs', 1_000, dayMs),
    { key: 'clearType', type: 'text', optional: true },
    span('clearAfterMs', 1_000, 7 * dayMs),
  ],
  reported: [{ key: 'keyPrefix', type: 'text', optional: true }],
  combination: [
    choice('match', match),
    { key: 'of', type: 'inputs' },
    span('maxAgeMs', 1_000, 7 * dayMs),
    ...delays,
  ],
};

/** What one value of a combination may be asked. */
export const inputTestFields: Readonly<Record<'limit' | 'state', readonly ConditionField[]>> = {
  limit: conditionFields.limit.filter(({ type }) => type !== 'span'),
  state: conditionFields.state.filter(({ type }) => type !== 'span'),
};

/** What a form of each kind begins with; limits, states and event types are left to the person. */
export const conditionStart: { readonly [K in AlarmKind]: Partial<Extract<AlarmCondition, { kind: K }>> } = {
  limit: { side: 'high', deadband: 0, onDelayMs: 0, offDelayMs: 0 },
  state: { test: 'equals', onDelayMs: 0, offDelayMs: 0 },
  stale: { noDataMs: 900_000 },
  rate: { direction: 'rising', per: 'minute', windowMs: 300_000, deadband: 0, offDelayMs: 0 },
  count: { count: 3, windowMs: 600_000 },
  event: { count: 1, windowMs: 600_000, clearAfterMs: 600_000 },
  reported: {},
  combination: { match: 'all', maxAgeMs: 900_000, onDelayMs: 0, offDelayMs: 0 },
};
