import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { RequiredFunction, RubricItem } from '#schemas/rubric.ts';
import { defineItemDerivation, populationOf, unwatchedDays, type Member } from '../../measure.ts';
import { judgeFunctions, membersOf as functionMembers } from '../functions/derive.ts';
import type { ProofVerdict } from '../functions/judge.ts';
import type { PartsFacts } from './facts.ts';
import { judgeFound, type FoundVerdict } from './found.ts';
import { bandOf, isCondition, type PartState } from './needs.ts';

/** A part with what came of its proofs. */
interface JudgedPart extends PartState {
  readonly function: RequiredFunction;
  readonly reason: Bilingual;
  readonly verdicts: readonly ProofVerdict[];
  readonly found: readonly FoundVerdict[];
}

const noProof = {
  zh: '没有规定可以证实它的数据，须申报并核准',
  en: 'Nothing is named that would prove it: it is claimed and approved',
};

function judgeParts(facts: PartsFacts, item: RubricItem): JudgedPart[] {
  const functions = judgeFunctions(facts, item);
  const found = judgeFound(facts, item);
  const blind = unwatchedDays(
    facts.days,
    functions.flatMap(({ verdicts }) =>
      verdicts.flatMap(({ live, holds }) =>
        holds
          ? []
          : live.filter(({ standing }) => standing !== 'excluded').map(({ device }) => device.service),
      ),
    ),
  );
  return functions.map((entry) => judgePart(entry, { found: found.get(entry.function.id) ?? [], blind }));
}

/** Any one proof is enough; that a part is not there is known only when every proof that applies says so. */
function judgePart(
  { function: part, verdicts, proven }: ReturnType<typeof judgeFunctions>[number],
  { found, blind }: { readonly found: readonly FoundVerdict[]; readonly blind: readonly Bilingual[] },
): JudgedPart {
  const answers = [
    ...verdicts.map(({ holds, judged, live, reason }) => {
      // The silence of days on which nobody listened is no failure.
      const unseen = !holds && live.length > 0 && blind.length > 0;
      return {
        holds: holds && proven,
        judged: judged && !unseen,
        reason: (unseen ? blind[0] : undefined) ?? reason,
      };
    }),
    ...found.filter(({ applies }) => applies),
  ];
  const held = answers.find(({ holds }) => holds);
  const told = answers.length > 0 ? answers : found;
  const { id } = part;
  return {
    id,
    function: part,
    verdicts,
    found,
    proven: held !== undefined,
    lacking: held === undefined && answers.length > 0 && answers.every(({ judged }) => judged),
    reason: held?.reason ?? (told.length === 0 ? noProof : joined(told.map(({ reason }) => reason))),
  };
}

function joined(texts: readonly Bilingual[]): Bilingual {
  return { zh: texts.map(({ zh }) => zh).join('；'), en: texts.map(({ en }) => en).join('; ') };
}

function derive(facts: PartsFacts, item: RubricItem): Measurement {
  const judged = judgeParts(facts, item);
  const { grade, open } = bandOf(item, judged);
  const byId = new Map(judged.map((entry) => [entry.id, entry]));
  return {
    ...figureOf(judged, grade !== null),
    functions: judged
      .filter(
        ({ function: { role }, verdicts, found }) =>
          role !== 'optional' || verdicts.length + found.length > 0,
      )
      .map((entry) => ({
        id: entry.id,
        state: entry.proven ? ('proven' as const) : stateOf(entry),
        reason: entry.reason,
      })),
    ...(grade === null ? {} : { grade }),
    population: populationOf(membersOf(facts, judged)),
    completeness: completenessOf(judged),
    sources: sourcesOf(judged),
    verdict: grade === null ? 'insufficient' : 'sufficient',
    missing:
      grade !== null
        ? []
        : open.flatMap((id) => {
            const part = byId.get(id);
            if (part === undefined) return [];
            const { name } = part.function;
            return [{ zh: `${name.zh}：${part.reason.zh}`, en: `${name.en}: ${part.reason.en}` }];
          }),
  };
}

function stateOf({ function: part, lacking }: JudgedPart): 'missing' | 'not-applicable' {
  return isCondition(part) && lacking ? 'not-applicable' : 'missing';
}

/** The one number that the proofs rest on, where there is but one; else none. */
function figureOf(judged: readonly JudgedPart[], sufficient: boolean): Pick<Measurement, 'value' | 'unit'> {
  const figures = judged.flatMap(({ found }) =>
    found.flatMap(({ applies, measurement: { value, unit } }) =>
      applies && value !== null ? [{ value, unit }] : [],
    ),
  );
  const [first] = figures;
  const single =
    first !== undefined && figures.every(({ value, unit }) => value === first.value && unit === first.unit);
  return single && sufficient ? first : { value: null, unit: '' };
}

/** The poorest of what the proofs rest on: nothing is hidden behind something better. */
function completenessOf(judged: readonly JudgedPart[]): number | null {
  const live = judged
    .flatMap(({ verdicts }) => verdicts.flatMap((verdict) => verdict.live))
    .filter(({ standing }) => standing !== 'excluded');
  const days = live.reduce((sum, entry) => sum + entry.days, 0);
  const goodDays = live.reduce((sum, entry) => sum + entry.goodDays, 0);
  const shares = [
    ...(days === 0 ? [] : [goodDays / days]),
    ...judged.flatMap(({ found }) =>
      found.flatMap(({ applies, measurement: { completeness } }) => (applies ? (completeness ?? []) : [])),
    ),
  ];
  return shares.length === 0 ? null : Math.min(...shares);
}

function sourcesOf(judged: readonly JudgedPart[]): string[] {
  const sources = judged.flatMap(({ verdicts, found }) => [
    ...verdicts.flatMap((verdict) => verdict.sources),
    ...found.flatMap(({ measurement }) => measurement.sources),
  ]);
  return [...new Set(sources)];
}

/** Every device, place and record that plays a part, each once: what counts for it goes before what does not. */
function membersOf(facts: PartsFacts, judged: readonly JudgedPart[]): Member[] {
  const members = new Map<string, Member>();
  const add = (member: Member) => {
    const before = members.get(member.deviceId);
    if (before === undefined || rank(member) < rank(before)) members.set(member.deviceId, member);
  };
  functionMembers(facts, judged).forEach(add);
  for (const { found } of judged) for (const verdict of found) verdict.members.forEach(add);
  return [...members.values()].sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
}

function rank({ standing }: Member): number {
  return { counted: 0, 'not-counted': 1, excluded: 2 }[standing];
}

/**
 * Which parts of an item are there, each proved by what the item names: readings, events, registers, or the findings of
 * other measures; the best band whose parts are there is what was found.
 */
export const parts = defineItemDerivation<PartsFacts>({
  id: 'parts',
  version: 1,
  derive,
  members: (facts, item) => membersOf(facts, judgeParts(facts, item)),
});
