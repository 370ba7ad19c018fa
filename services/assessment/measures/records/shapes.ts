import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { RecordRule, RecordRuleOf } from '#schemas/rubric-records.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { meets, numberOf, textOf, type Judged, type RecordsFacts } from './facts.ts';
import { judgeAll } from './judge.ts';

/** What a rule makes of the records, before population and completeness are told. */
export interface Outcome {
  readonly judged: readonly Judged[];
  readonly value: number | null;
  readonly unit: string;
  readonly quantities?: Readonly<Record<string, number>>;
  readonly grade?: string;
  readonly functions?: NonNullable<Measurement['functions']>;
  /** Of numbers that records carry, where those and not the records are the population. */
  readonly sums?: { readonly counted: number; readonly of: number };
  /** What keeps the records from deciding, beside an empty register. */
  readonly missing?: readonly Bilingual[];
}

const inPopulation = (judged: readonly Judged[]) =>
  judged.filter(({ standing }) => standing !== 'excluded').map(({ record }) => record);
const countedOf = (judged: readonly Judged[]) =>
  judged.filter(({ standing }) => standing === 'counted').map(({ record }) => record);

const nothingToCount = (zh: string, en: string): Bilingual[] => [{ zh, en }];

export function share(facts: RecordsFacts, rule: RecordRuleOf<'share'>): Outcome {
  const judged = judgeAll(facts, rule, rule);
  const of = inPopulation(judged).length;
  const counted = countedOf(judged).length;
  return {
    judged,
    value: of === 0 ? null : (100 * counted) / of,
    unit: '%',
    missing: of === 0 ? nothingToCount('台账中没有应计入的记录', 'No record belongs to the population') : [],
  };
}

export function sumShare(facts: RecordsFacts, rule: RecordRuleOf<'sum-share'>): Outcome {
  const judged = judgeAll(facts, rule, {});
  const records = inPopulation(judged);
  const of = records.reduce((sum, record) => sum + numberOf(record, rule.of), 0);
  // More chargers than spaces is a slip of the pen, not more than all.
  const counted = records.reduce((sum, record) => {
    const own = rule.counted.reduce((total, field) => total + numberOf(record, field), 0);
    return sum + Math.min(own, numberOf(record, rule.of));
  }, 0);
  return {
    judged,
    value: of === 0 ? null : (100 * counted) / of,
    unit: '%',
    sums: { counted, of },
    missing: of === 0 ? nothingToCount('台账中的总数为 0', 'The total in the register is 0') : [],
  };
}

/** Codes of the companies that records name, each once. */
function companiesOf(judged: readonly Judged[], field: string): Set<string> {
  return new Set(countedOf(judged).map((record) => textOf(record, field)));
}

export function count(facts: RecordsFacts, rule: RecordRuleOf<'count'>): Outcome {
  const kinds = rule.of === undefined ? { of: rule.where } : { of: rule.of, counted: rule.where };
  const judged = judgeAll(facts, rule, kinds);
  const value =
    rule.company === undefined ? countedOf(judged).length : companiesOf(judged, rule.company).size;
  return { judged, value, unit: rule.unit, missing: rule.of === undefined ? [] : nothingOfTheKind(judged) };
}

export function largest(facts: RecordsFacts, rule: RecordRuleOf<'largest'>): Outcome {
  const judged = judgeAll(facts, rule, { of: rule.of, counted: rule.where });
  const values = countedOf(judged).map((record) => numberOf(record, rule.field));
  return { judged, value: Math.max(0, ...values), unit: rule.unit, missing: nothingOfTheKind(judged) };
}

export function either(facts: RecordsFacts, rule: RecordRuleOf<'either'>): Outcome {
  const judged = judgeAll(facts, rule, {});
  const amounts = countedOf(judged).map((record) => numberOf(record, rule.amount));
  // Summed in units of CNY 100 (the second decimal of 10,000), so that the order of records changes nothing.
  const sum = amounts.reduce((total, amount) => total + Math.round(amount * 10_000), 0) / 10_000;
  const companies = companiesOf(judged, rule.company).size;
  return { judged, value: companies, unit: 'enterprises', quantities: { '10k-CNY': sum } };
}

export function levels(facts: RecordsFacts, rule: RecordRuleOf<'levels'>): Outcome {
  const values = rule.levels.map(({ value }) => value);
  const judged = judgeAll(facts, rule, { of: [{ [rule.field]: values }] });
  const bestOf = new Map<string, number>();
  for (const record of countedOf(judged)) {
    const company = textOf(record, rule.company);
    const level = values.indexOf(textOf(record, rule.field));
    bestOf.set(company, Math.min(level, bestOf.get(company) ?? level));
  }
  const places = [...bestOf.values()];
  const quantities = Object.fromEntries(
    rule.levels.map(({ counts }, place) => [counts, places.filter((level) => level === place).length]),
  );
  return { judged, value: bestOf.size, unit: 'enterprises', quantities };
}

export function best(facts: RecordsFacts, rule: RecordRuleOf<'best'>, item: RubricItem): Outcome {
  const useful = rule.bands.flatMap(({ where }) => where);
  const judged = judgeAll(facts, rule, { of: rule.of, counted: useful });
  const records = countedOf(judged);
  const found = rule.bands.find(
    ({ where, least }) => records.filter((record) => meets(record, where)).length >= least,
  );
  const missing = nothingOfTheKind(judged);
  return { judged, value: null, unit: '', grade: found?.band ?? lastBand(item), missing };
}

/** A register may be kept for other things: that nothing of the kind is in it says nothing of the park. */
function nothingOfTheKind(judged: readonly Judged[]): Bilingual[] {
  if (judged.length > 0) return [];
  return nothingToCount(
    '台账中没有这类记录；确实没有的，请核验认定',
    'The register has no record of the kind; where there really is none, it is attested',
  );
}

export function allSome(facts: RecordsFacts, rule: RecordRuleOf<'all-some'>, item: RubricItem): Outcome {
  const judged = judgeAll(facts, rule, { counted: rule.counted });
  const records = inPopulation(judged);
  const asked = records.filter((record) => meets(record, rule.of));
  const served = asked.filter((record) => meets(record, rule.counted));
  const anywhere = records.some((record) => meets(record, rule.counted));
  const all = asked.length > 0 && served.length === asked.length;
  const [first, middle] = item.bands;
  const grade = all ? first?.id : anywhere ? middle?.id : lastBand(item);
  return {
    judged,
    value: asked.length === 0 ? null : (100 * served.length) / asked.length,
    unit: '%',
    sums: { counted: served.length, of: asked.length },
    grade: grade ?? lastBand(item),
    missing:
      asked.length === 0
        ? nothingToCount('台账中没有主要区域', 'The register has none of the main areas')
        : [],
  };
}

function lastBand(item: RubricItem): string {
  const last = item.bands.at(-1);
  if (last === undefined) throw new Error(`${item.id} has no band`);
  return last.id;
}

export function services(facts: RecordsFacts, rule: RecordRuleOf<'services'>, item: RubricItem): Outcome {
  const prefix = `${rule.area}.`;
  const ofArea = judgeAll(facts, rule, {}).filter(({ record }) => textOf(record, 'type').startsWith(prefix));
  const offered = countedOf(ofArea).filter(({ kind }) => kind === 'service');
  const named = (id: string) => offered.filter((record) => textOf(record, 'type') === prefix + id);
  const wanted = item.functions.filter(
    ({ id, role }) => role === 'required' && id !== 'online' && id !== 'offline',
  );
  const lacking = wanted.filter(({ id }) => named(id).length === 0);
  const functions: NonNullable<Measurement['functions']> = wanted.map(({ id }) => {
    const own = named(id);
    return {
      id,
      state: own.length > 0 ? 'proven' : 'missing',
      reason:
        own.length > 0
          ? {
              zh: `目录中 ${own.length} 项：${own.map(({ title }) => title).join('、')}`,
              en: `${own.length} in the catalogue: ${own.map(({ title }) => title).join(', ')}`,
            }
          : { zh: '服务目录中没有', en: 'Not in the service catalogue' },
    };
  });
  if (rule.by === 'missing') {
    return { judged: ofArea, value: lacking.length, unit: 'functions', functions };
  }
  const judgement = { offered, named, wanted, complete: lacking.length === 0 };
  const rest = rule.by === 'channels' ? byChannels(judgement) : bySuccess(ofArea, judgement);
  const [first, middle] = item.bands;
  const grade = offered.length === 0 ? lastBand(item) : rest.full ? first?.id : middle?.id;
  return {
    judged: ofArea,
    value: wanted.length - lacking.length,
    unit: 'functions',
    functions: [...functions, ...rest.functions],
    grade: grade ?? lastBand(item),
  };
}

interface ServiceJudgement {
  readonly offered: readonly Judged['record'][];
  readonly named: (id: string) => readonly Judged['record'][];
  readonly wanted: readonly { readonly id: string }[];
  /** Every function of the item is offered. */
  readonly complete: boolean;
}

interface Rest {
  readonly full: boolean;
  readonly functions: NonNullable<Measurement['functions']>;
}

/** Everything in both channels; each channel is proven when every function is offered in it. */
function byChannels({ named, wanted, complete }: ServiceJudgement): Rest {
  const functions = (['online', 'offline'] as const).map((channel) => {
    const lacking = wanted.filter(
      ({ id }) => !named(id).some((record) => meets(record, [{ channels: channel }])),
    );
    const names = lacking.map(({ id }) => id).join(', ');
    return {
      id: channel,
      state: lacking.length === 0 ? ('proven' as const) : ('missing' as const),
      reason:
        lacking.length === 0
          ? { zh: '各项服务均可办理', en: 'Every service is offered' }
          : { zh: `未提供：${names}`, en: `Not offered: ${names}` },
    };
  });
  return { full: complete && functions.every(({ state }) => state === 'proven'), functions };
}

function bySuccess(judged: readonly Judged[], { complete }: ServiceJudgement): Rest {
  const won = countedOf(judged).filter((record) => meets(record, [{ success: true }]));
  const [first] = won;
  const reason =
    first === undefined
      ? { zh: '近 12 个月没有成功案例', en: 'No success in the last 12 months' }
      : {
          zh: `近 12 个月 ${won.length} 个成功案例，如 ${first.title}`,
          en: `${won.length} in the last 12 months, e.g. ${first.title}`,
        };
  return {
    full: complete && won.length > 0,
    functions: [{ id: 'success', state: won.length > 0 ? 'proven' : 'missing', reason }],
  };
}

/** What the rule makes of the records. */
export function outcomeOf(facts: RecordsFacts, rule: RecordRule, item: RubricItem): Outcome {
  switch (rule.kind) {
    case 'share':
      return share(facts, rule);
    case 'sum-share':
      return sumShare(facts, rule);
    case 'count':
      return count(facts, rule);
    case 'largest':
      return largest(facts, rule);
    case 'either':
      return either(facts, rule);
    case 'levels':
      return levels(facts, rule);
    case 'best':
      return best(facts, rule, item);
    case 'all-some':
      return allSome(facts, rule, item);
    case 'services':
      return services(facts, rule, item);
  }
}
