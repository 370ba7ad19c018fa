import type { Bilingual } from '#schemas/device-class.ts';
import type { RecordFilter, RecordRule } from '#schemas/rubric-records.ts';
import { grouped, type Member, type RecordFacts } from '../../measure.ts';
import { companyField, holdsOn, meets, textOf, type Judged, type RecordsFacts } from './facts.ts';

/** Which records belong to the population at all, and why not. */
interface Admitted {
  readonly record: RecordFacts;
  /** Null when it belongs. */
  readonly left: Bilingual | null;
}

/**
 * The records that count for something: those of events on the days asked for, of everything else what holds on the last
 * day. A record that ended before is shown, and left out.
 */
function admit(facts: RecordsFacts, rule: RecordRule): Admitted[] {
  const field = companyField(rule);
  const byRecord = grouped(facts.records, ({ kind, code }) => `${kind}/${code}`);
  return [...byRecord.values()].flatMap((pieces): Admitted[] => {
    const last = pieces.at(-1);
    if (last === undefined) return [];
    const events = facts.registers.find(({ id }) => id === last.kind)?.events === true;
    const record = events ? last : pieces.find((piece) => holdsOn(piece, facts.toDay));
    if (record === undefined) return [{ record: last, left: ended(last) }];
    return [{ record, left: leftCompany(facts, record, { field, events }) }];
  });
}

const ended = ({ until }: RecordFacts): Bilingual => ({
  zh: `已于 ${until} 到期`,
  en: `It ended on ${until}`,
});

/** Null unless the record names a company that was not settled in the park on its day. */
function leftCompany(
  facts: RecordsFacts,
  record: RecordFacts,
  { field, events }: { readonly field: string | null; readonly events: boolean },
): Bilingual | null {
  const code = field === null ? '' : textOf(record, field);
  if (code === '') return null;
  const day = events ? record.from : facts.toDay;
  const settled = facts.companies.some((company) => company.code === code && holdsOn(company, day));
  if (settled) return null;
  return { zh: `企业 ${code} 在 ${day} 未入驻园区`, en: `The company ${code} was not in the park on ${day}` };
}

const isOverdue = ({ reviewBy }: RecordFacts, day: string): boolean => reviewBy !== null && reviewBy < day;

/**
 * Judges every record by two filters: those that miss `of` are no part of the question and are not shown; of the others
 * those that meet `counted` count.
 */
export function judgeAll(
  facts: RecordsFacts,
  rule: RecordRule,
  { of, counted }: { readonly of?: RecordFilter | undefined; readonly counted?: RecordFilter | undefined },
): Judged[] {
  return admit(facts, rule)
    .filter(({ record }) => meets(record, of))
    .map(({ record, left }) => {
      const counts = meets(record, counted);
      const standing = left !== null ? 'excluded' : counts ? 'counted' : 'not-counted';
      const overdue = left === null && isOverdue(record, facts.toDay);
      return { record, standing, overdue, reason: reasonOf(record, { left, counts, overdue }) };
    });
}

function reasonOf(
  record: RecordFacts,
  { left, counts, overdue }: { left: Bilingual | null; counts: boolean; overdue: boolean },
): Bilingual {
  if (left !== null) return left;
  const { from, until } = record;
  const days = {
    zh: from === until ? from : `自 ${from}${until === null ? '' : ` 至 ${until}`}`,
    en: from === until ? `on ${from}` : `from ${from}${until === null ? '' : ` to ${until}`}`,
  };
  const late = overdue
    ? { zh: `，${record.reviewBy} 起逾期未复核`, en: `, not reviewed since it was due on ${record.reviewBy}` }
    : { zh: '', en: '' };
  return {
    zh: `${counts ? '符合' : '不符合'}（${days.zh}）${late.zh}`,
    en: `${counts ? 'Meets it' : 'Does not meet it'} (${days.en})${late.en}`,
  };
}

/** A record as a member of the population; its id is `register/code`. */
export function memberOf({ record, standing, reason, overdue }: Judged): Member {
  return {
    deviceId: `${record.kind}/${record.code}`,
    name: record.title,
    class: record.kind,
    provenance: record.provenance,
    standing,
    reason,
    noted: overdue,
    point: null,
  };
}
