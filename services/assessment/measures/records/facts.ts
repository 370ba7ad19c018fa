import type { Bilingual } from '#schemas/device-class.ts';
import type { RecordFilter, RecordRule, RecordRuleOf } from '#schemas/rubric-records.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import type { ItemFacts, Member, RecordFacts } from '../../measure.ts';

/** What registers say of an item; the rule stands in the item. */
export interface RecordsFacts extends ItemFacts {
  /** The first and the last local day that records were asked for. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly records: readonly RecordFacts[];
  /** Companies that records may name, where the rule counts companies. */
  readonly companies: readonly RecordFacts[];
  /** Names of the registers that were read, and of what their fields can say. */
  readonly registers: readonly {
    readonly id: string;
    readonly name: Bilingual;
    /** Records are of one day, and those of all days asked for count. */
    readonly events: boolean;
    /** It has a record that began up to the last day: somebody keeps it, and what it lacks is not there. */
    readonly kept: boolean;
  }[];
}

/** @throws Error when the item has no rule: a bug of the rubric */
export function ruleOf(item: RubricItem): RecordRule {
  if (item.records === undefined) throw new Error(`${item.id} does not say which records make it`);
  return item.records;
}

/** How a record stands towards the item. */
export interface Judged {
  readonly record: RecordFacts;
  readonly standing: Member['standing'];
  readonly reason: Bilingual;
  /** Looked at too long ago. */
  readonly overdue: boolean;
}

export const holdsOn = ({ from, until }: RecordFacts, day: string): boolean =>
  from <= day && (until === null || until >= day);

/** Whether the record meets any alternative of the filter; without a filter every record does. */
export function meets({ fields }: RecordFacts, filter: RecordFilter | undefined): boolean {
  if (filter === undefined) return true;
  return filter.some((alternative) =>
    Object.entries(alternative).every(([field, wanted]) => {
      const value = fields[field];
      const accepted: readonly (string | boolean)[] = Array.isArray(wanted) ? wanted : [wanted];
      return Array.isArray(value)
        ? value.some((one) => accepted.includes(one as string))
        : accepted.some((one) => one === (value ?? false));
    }),
  );
}

export function numberOf({ fields }: RecordFacts, field: string): number {
  const value = fields[field];
  return typeof value === 'number' ? value : 0;
}

export function textOf({ fields }: RecordFacts, field: string): string {
  const value = fields[field];
  return typeof value === 'string' ? value : '';
}

/** Every field that a rule looks at. */
export function fieldsOf(rule: RecordRule): string[] {
  const filters = (...given: (RecordFilter | undefined)[]) =>
    given.flatMap((filter) => (filter ?? []).flatMap((alternative) => Object.keys(alternative)));
  switch (rule.kind) {
    case 'share':
    case 'all-some':
      return filters(rule.of, rule.counted);
    case 'sum-share':
      return [...rule.counted, rule.of];
    case 'count':
      return [...filters(rule.of, rule.where), ...(rule.company === undefined ? [] : [rule.company])];
    case 'largest':
      return [...filters(rule.of, rule.where), rule.field];
    case 'either':
      return [rule.company, rule.amount];
    case 'levels':
      return [rule.company, rule.field];
    case 'best':
      return filters(rule.of, ...rule.bands.map(({ where }) => where));
    case 'services':
      return ['type', 'channels', 'enterprise', 'success'];
  }
}

/** The field with which records of the rule name a company; null when companies do not matter. */
export function companyField(rule: RecordRule): string | null {
  if (rule.kind === 'either' || rule.kind === 'levels') return rule.company;
  if (rule.kind === 'count') return rule.company ?? null;
  return rule.kind === 'services' && rule.by === 'success' ? 'enterprise' : null;
}

/** The registers that a rule reads; companies apart. */
export function registersOf(rule: RecordRule): string[] {
  if (rule.kind !== 'services') return [rule.register];
  return rule.by === 'success' ? ['service', 'service-case'] : ['service'];
}

/** Months before the end of the period from which on records count; undefined for the period itself. */
export function monthsOf(rule: RecordRule): number | undefined {
  if (rule.kind === 'count' || rule.kind === 'either') return rule.months;
  return rule.kind === 'services' && rule.by === 'success' ? casesMonths : undefined;
}

/** A success of the last year is one: the sources set no time. */
const casesMonths = 12;

export type ServicesRule = RecordRuleOf<'services'>;
