import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { defineItemDerivation, populationOf } from '../../measure.ts';
import { ruleOf, type RecordsFacts } from './facts.ts';
import { memberOf } from './judge.ts';
import { outcomeOf, type Outcome } from './shapes.ts';

/** Nobody keeps a register that has no record at all: that is no zero. */
function emptyRegisters({ registers, toDay }: RecordsFacts): Bilingual[] {
  const [first] = registers;
  if (first === undefined || first.kept) return [];
  return [
    {
      zh: `台账“${first.name.zh}”截至 ${toDay} 没有记录；确实没有的，请核验认定`,
      en: `The register "${first.name.en}" has no record up to ${toDay}; where there really is none, it is attested`,
    },
  ];
}

function derive(facts: RecordsFacts, item: RubricItem): Measurement {
  const outcome = outcomeOf(facts, ruleOf(item), item);
  const empty = emptyRegisters(facts);
  const missing = empty.length > 0 ? empty : [...(outcome.missing ?? [])];
  const sufficient = missing.length === 0;
  const { counted, of } = outcome.sums ?? {};
  const population = populationOf(outcome.judged.map(memberOf));
  const { value, quantities, grade } = outcome;
  return {
    value: sufficient ? value : null,
    unit: outcome.unit,
    ...(sufficient && quantities !== undefined ? { quantities: { ...quantities } } : {}),
    ...(sufficient && grade !== undefined ? { grade } : {}),
    ...(sufficient && outcome.functions !== undefined ? { functions: outcome.functions } : {}),
    population: counted === undefined || of === undefined ? population : { ...population, counted, of },
    completeness: completenessOf(outcome),
    sources: facts.registers.map(({ id }) => `register:${id}`),
    verdict: sufficient ? 'sufficient' : 'insufficient',
    missing,
  };
}

/** Share of the records in the population that somebody looked at in time. */
function completenessOf({ judged }: Outcome): number | null {
  const population = judged.filter(({ standing }) => standing !== 'excluded');
  if (population.length === 0) return null;
  return population.filter(({ overdue }) => !overdue).length / population.length;
}

/** What registers make of an item, by the rule that stands in the item. */
export const recordsMeasure = defineItemDerivation<RecordsFacts>({
  id: 'records',
  version: 1,
  derive,
  members: (facts, item) => outcomeOf(facts, ruleOf(item), item).judged.map(memberOf),
});
