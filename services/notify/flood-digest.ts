import type { FloodCause } from '#schemas/api/alarm-figures.ts';
import { severities } from '#schemas/device-class.ts';
import type { NoticeMessage } from './render.ts';

/** How often one reader is told of a flood, by one channel. A critical alarm does not wait for it. */
export const floodIntervalMs = 120_000;

/** When a message of a flood goes out: with the others of the interval; a critical one at once. Pure. */
export function floodDueMs(dueMs: number, severity: NonNullable<NoticeMessage['facts']>['severity']): number {
  if (severity === 'critical') return dueMs;
  return Math.ceil((dueMs + 1) / floodIntervalMs) * floodIntervalMs;
}

/** What a flood is made of, with those of its alarms that a message tells. */
export interface FloodPart {
  readonly cause: Pick<FloodCause, 'kind' | 'id' | 'name' | 'nameEn'>;
  /** Of this cause since the flood began. */
  readonly count: number;
  /** Most urgent first, then the oldest. */
  readonly messages: readonly NoticeMessage[];
}

/** Sorts messages by what caused their alarms, in the order of the causes; what belongs to none comes last. Pure. */
export function partsOf(messages: readonly NoticeMessage[], causes: readonly FloodCause[]): FloodPart[] {
  const causeOf = new Map(causes.flatMap((cause) => cause.ids.map((id) => [id, cause])));
  const other = { kind: 'other', id: '', name: '', nameEn: null } as const;
  const byCause = Map.groupBy(messages, ({ facts }) => causeOf.get(String(facts?.alarmId)) ?? null);
  return [...causes, null].flatMap((cause) => {
    const ofCause = byCause.get(cause);
    if (ofCause === undefined) return [];
    const sorted = ofCause.toSorted((a, b) => urgencyOf(a) - urgencyOf(b) || raisedOf(a) - raisedOf(b));
    return [{ cause: cause ?? other, count: cause?.count ?? ofCause.length, messages: sorted }];
  });
}

const urgencyOf = ({ facts }: NoticeMessage) => (facts === null ? 0 : severities.indexOf(facts.severity));
const raisedOf = ({ facts }: NoticeMessage) => facts?.raisedMs ?? 0;
