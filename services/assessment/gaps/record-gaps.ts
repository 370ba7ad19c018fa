import type { Gap } from '#schemas/api/gaps.ts';
import type { Measurement, Score } from '#schemas/assessment.ts';
import { isWholeUnit } from '#schemas/rubric-units.ts';
import type { Band, Range, RubricItem } from '#schemas/rubric.ts';
import type { MeasuredItem } from '../assess.ts';
import { meets, ruleOf, type RecordsFacts } from '../measures/records/facts.ts';
import { outcomeOf, type Outcome } from '../measures/records/shapes.ts';
import { score } from '../score.ts';
import { recordEffort } from './effort.ts';
import { emptyGap, gained, isOpen } from './gap.ts';

/** How many records more reach the next band of an item: pure. */

/** The newest day of each register, by its id. */
export type NewestDays = ReadonlyMap<string, string>;

export interface RecordStep {
  readonly register: RecordsFacts['registers'][number];
  /** Records to write, or things that records say are lacking. */
  readonly count: number;
  readonly after: Score;
  /** What is reached, as the rubric says it. */
  readonly band: Band['condition'] | null;
  /** A function of the item that no record offers. */
  readonly function: string | null;
  /** Nobody knows yet of how many: the register is empty. */
  readonly isAtMost: boolean;
}

const channels: ReadonlySet<string> = new Set(['online', 'offline']);

const isRecords = ({ item, claims }: MeasuredItem): boolean => item.records !== undefined && claims === null;

/** The best step of an item, and one for each service that is missing; empty where nothing more is to be had. */
export function recordSteps(entry: MeasuredItem): RecordStep[] {
  if (!isRecords(entry)) return [];
  const { item } = entry;
  const facts = entry.facts as RecordsFacts;
  const [register] = facts.registers;
  if (register === undefined) return [];
  const outcome = outcomeOf(facts, ruleOf(item), item);
  const measurement: Measurement = {
    ...entry.measurement,
    verdict: 'sufficient',
    missing: [],
    value: outcome.value ?? 0,
    unit: outcome.unit,
    ...(outcome.quantities === undefined ? {} : { quantities: { ...outcome.quantities } }),
    ...(outcome.functions === undefined ? {} : { functions: outcome.functions }),
  };
  const asked = { item, facts, outcome, measurement };
  const found =
    item.deduction !== undefined
      ? missingServices(asked)
      : item.perUnit.length > 0
        ? [oneMore(asked)]
        : item.bands.map((band) => towards(asked, band));
  const steps = found.flatMap((step) => (step === null ? [] : [{ ...step, register }]));
  const useful = steps.filter(({ after }) => gained(entry.score, after) > 0);
  if (item.deduction !== undefined) return useful;
  return useful.toSorted((a, b) => rate(entry, b) - rate(entry, a)).slice(0, 1);
}

const rate = ({ score: now }: MeasuredItem, { after, count }: RecordStep): number =>
  gained(now, after) / recordEffort(count);

interface Asked {
  readonly item: RubricItem;
  readonly facts: RecordsFacts;
  readonly outcome: Outcome;
  readonly measurement: Measurement;
}
type Step = Omit<RecordStep, 'register'>;

const plain = { band: null, function: null, isAtMost: false };

/** Each service that the catalogue lacks takes points off. */
function missingServices({ item, measurement }: Asked): Step[] {
  const missing = (measurement.functions ?? []).filter(({ state }) => state === 'missing');
  const value = Math.max(0, (measurement.value ?? 0) - 1);
  const after = score(item, { ...measurement, value });
  return missing.map(({ id }) => ({ ...plain, count: 1, after, function: id }));
}

/** Points for each one: one more of the best kind. */
function oneMore({ item, measurement }: Asked): Step | null {
  const best = item.perUnit.toSorted((a, b) => b.points - a.points)[0];
  if (best === undefined) return null;
  const { value, quantities = {} } = measurement;
  const more =
    item.perUnit.length === 1
      ? { value: (value ?? 0) + 1 }
      : { quantities: { ...quantities, [best.id]: (quantities[best.id] ?? 0) + 1 } };
  return { ...plain, count: 1, after: score(item, { ...measurement, ...more }), band: best.condition };
}

/** What takes the item into a band; null where a record cannot. */
function towards(asked: Asked, band: Band): Step | null {
  const { item, measurement, outcome } = asked;
  if (band.ranges.length > 0) return throughRange(asked, band);
  const count = recordsFor(asked, band);
  if (count === null || count === 0) return null;
  return {
    ...plain,
    count,
    after: score(item, { ...measurement, grade: band.id }),
    band: band.condition,
    isAtMost: outcome.judged.length === 0,
  };
}

function throughRange({ item, measurement, outcome }: Asked, band: Band): Step | null {
  const range = band.ranges.find(({ unit }) => unit === measurement.unit);
  if (range === undefined) return null;
  if (measurement.unit !== '%') {
    const value = leastValue(range);
    const rest = { ...measurement, value, quantities: {} };
    // A larger room, say, is one record, whatever its area.
    const count = isWholeUnit(range.unit) ? Math.ceil(value - (measurement.value ?? 0)) : 1;
    return count <= 0 ? null : { ...plain, count, after: score(item, rest), band: band.condition };
  }
  const { counted, of } = outcome.sums ?? countsOf(outcome);
  const whole = leastValue(range);
  if (of === 0) {
    const after = score(item, { ...measurement, value: whole });
    return { ...plain, count: 1, after, band: band.condition, isAtMost: true };
  }
  const exact = (whole * of) / 100;
  const asked = range.minInclusive ? Math.ceil(exact - 1e-9) : Math.floor(exact + 1e-9) + 1;
  const after = score(item, { ...measurement, value: (100 * Math.min(asked, of)) / of });
  return asked <= counted ? null : { ...plain, count: asked - counted, after, band: band.condition };
}

function countsOf({ judged }: Outcome): { counted: number; of: number } {
  const population = judged.filter(({ standing }) => standing !== 'excluded');
  return {
    counted: population.filter(({ standing }) => standing === 'counted').length,
    of: population.length,
  };
}

function leastValue({ unit, min, minInclusive }: Range): number {
  if (min === null) return 0;
  return minInclusive ? min : isWholeUnit(unit) ? min + 1 : min;
}

/** Records that a band asks for where no number decides; null where the rule does not say. */
function recordsFor({ item, facts, outcome }: Asked, band: Band): number | null {
  const rule = ruleOf(item);
  const place = item.bands.indexOf(band);
  const { judged, functions = [] } = outcome;
  const records = judged.filter(({ standing }) => standing !== 'excluded').map(({ record }) => record);
  switch (rule.kind) {
    case 'best': {
      const wanted = rule.bands.find((each) => each.band === band.id);
      if (wanted === undefined) return null;
      return wanted.least - records.filter((record) => meets(record, wanted.where)).length;
    }
    case 'all-some': {
      const { counted, of } = outcome.sums ?? { counted: 0, of: 0 };
      if (place === 0) return of === 0 ? 1 : of - counted;
      return place === 1 && !records.some((record) => meets(record, rule.counted)) ? 1 : null;
    }
    case 'services': {
      const missing = functions.filter(({ state }) => state === 'missing').map(({ id }) => id);
      const services = missing.filter((id) => !channels.has(id)).length;
      // A service that is written down names its channels, too.
      if (place === 0) return services === 0 ? missing.length : services;
      return place === 1 && records.length === 0 ? 1 : null;
    }
    default:
      // The other rules make a number, and the band has none: nothing of the register says what it asks for.
      return facts.records.length === 0 && place === 0 ? 1 : null;
  }
}

export function recordGaps(entry: MeasuredItem, newest: NewestDays): Gap[] {
  const names = new Map(entry.item.functions.map(({ id, name }) => [id, name]));
  return recordSteps(entry).map((step): Gap => {
    const { register, count, after, band, isAtMost } = step;
    return {
      ...emptyGap(entry, after),
      kind: 'records',
      register: { id: register.id, name: register.name },
      band,
      function: step.function,
      functionName: step.function === null ? null : (names.get(step.function) ?? null),
      lastSeen: newest.get(register.id) ?? null,
      count,
      effort: recordEffort(count),
      isAtMost: isAtMost || isOpen(entry.score),
    };
  });
}

/** Registers that items of the run could be helped by. */
export function helpfulRegisters(measured: readonly MeasuredItem[]): string[] {
  const found = measured.filter(isRecords).flatMap(({ facts }) => (facts as RecordsFacts).registers);
  return [...new Set(found.map(({ id }) => id))];
}
