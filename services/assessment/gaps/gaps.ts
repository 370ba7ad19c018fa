import { mostGaps, type Gap, type GapCondition, type WhatIf } from '#schemas/api/gaps.ts';
import type { Score } from '#schemas/assessment.ts';
import { decidedOf, type AssessmentRun, type MeasuredItem } from '../assess.ts';
import { decidedScore, total } from '../score.ts';
import { claimGaps, supposedClaim } from './claim-gaps.ts';
import { byWorth } from './effort.ts';
import { functionGaps, missingOf as missingFunctions, type LastSeen } from './function-gaps.ts';
import type { Places } from './gap.ts';
import { lapseGaps, type Soon } from './lapse-gaps.ts';
import { memberGaps, memberGroups, membersOf } from './member-gaps.ts';
import { recordGaps, recordSteps, type NewestDays } from './record-gaps.ts';
import { supposedFunctions, supposedItem } from './suppose.ts';

/** What a list of gaps knows beside the run. */
export interface GapContext {
  readonly places: Places;
  readonly lastSeen: LastSeen;
  readonly newest: NewestDays;
  readonly soon: Soon;
}

/**
 * What the items lack, and what they soon will: most points for the least effort first. Pure; thousands of devices are judged, so
 * it pauses within each item.
 */
export function* gapsOf(run: AssessmentRun, context: GapContext): Generator<void, Gap[]> {
  const gaps: Gap[] = [];
  for (const entry of run.measured) {
    if (!isFull(entry)) gaps.push(...(yield* missingOf(entry, context)));
    gaps.push(...lapseGaps(entry, context.soon));
    yield;
  }
  return gaps
    .filter(({ gain }) => gain > 0)
    .toSorted(byWorth)
    .slice(0, mostGaps);
}

const isFull = ({ score: { points }, item }: MeasuredItem): boolean => (points?.min ?? 0) >= item.points;

function* missingOf(entry: MeasuredItem, { places, lastSeen, newest }: GapContext): Generator<void, Gap[]> {
  const members = yield* memberGaps(entry, places);
  return [...members, ...functionGaps(entry, lastSeen), ...recordGaps(entry, newest), ...claimGaps(entry)];
}

interface Asked {
  readonly members: readonly string[];
  readonly gaps: readonly GapCondition[];
  readonly places: Places;
}

/** The assessment as if all this were mended. Pure; what was decided stays decided. Pauses after each item. */
export function* whatIf(run: AssessmentRun, { members, gaps, places }: Asked): Generator<void, WhatIf> {
  const known = new Set(run.measured.flatMap((entry) => entry.members.map(({ deviceId }) => deviceId)));
  const byItem = Map.groupBy(gaps, ({ item }) => item);
  // A device that is mended for one item is mended for all of them.
  const mended = new Set(members);
  let gone = gaps.length;
  for (const entry of run.measured) {
    const conditions = byItem.get(entry.item.id);
    if (conditions === undefined) continue;
    const groups = memberGroups(entry, places);
    for (const condition of conditions) {
      const ids = membersOf(groups, condition);
      for (const id of ids) mended.add(id);
      if (ids.length > 0 || isThere(entry, condition)) gone -= 1;
    }
    yield;
  }
  const next: { readonly entry: MeasuredItem; readonly after: Score }[] = [];
  for (const entry of run.measured) {
    next.push({ entry, after: supposedWith(entry, mended, byItem.get(entry.item.id) ?? []) });
    yield;
  }
  return {
    before: run.total,
    after: total(
      next.map(({ entry, after }) => decidedScore(after, decidedOf(entry))),
      run.rubric,
    ),
    members: mended.size,
    items: next
      .filter(({ entry, after }) => isChanged(entry.score, after))
      .map(({ entry, after }) => ({
        item: entry.item.id,
        name: entry.item.name,
        before: entry.score.points,
        after: after.points,
        reason: after.reason,
      })),
    unknown: members.filter((id) => !known.has(id)),
    mended: gone,
  };
}

function isThere(entry: MeasuredItem, { kind, function: id }: GapCondition): boolean {
  if (kind === 'function') {
    return (entry.measurement.functions ?? []).some((own) => own.id === id && own.state === 'missing');
  }
  if (kind === 'functions') return missingFunctions(entry).size > 1;
  if (kind === 'records') return recordSteps(entry).some((step) => step.function === id);
  return kind === 'claim' && claimGaps(entry).length > 0;
}

function supposedWith(
  entry: MeasuredItem,
  members: ReadonlySet<string>,
  conditions: readonly GapCondition[],
): Score {
  const heard = supposedItem(entry, members);
  if (conditions.some(({ kind }) => kind === 'claim')) {
    return isThere(entry, { ...emptyCondition(entry), kind: 'claim' }) ? supposedClaim(entry) : entry.score;
  }
  const records = conditions.filter(({ kind }) => kind === 'records');
  if (records.length > 0) return supposedRecords(entry, records);
  const ids = conditions.flatMap(({ kind, function: id }) => {
    if (kind === 'functions') return [...missingFunctions(heard)];
    return kind === 'function' && id !== null ? [id] : [];
  });
  return ids.length === 0 ? heard.score : (supposedFunctions(heard, new Set(ids)) ?? heard.score);
}

const emptyCondition = ({ item }: MeasuredItem): GapCondition => {
  return { kind: 'all', item: item.id, class: null, space: null, since: null, function: null };
};

/** Services that are written down each take their points back; of other items there is one step. */
function supposedRecords(entry: MeasuredItem, conditions: readonly GapCondition[]): Score {
  const steps = recordSteps(entry).filter((step) =>
    conditions.some(({ function: id }) => id === step.function),
  );
  const [first] = steps;
  if (first === undefined) return entry.score;
  if (entry.item.deduction === undefined || steps.length === 1) return first.after;
  const { points } = first.after;
  const more = (steps.length - 1) * entry.item.deduction.perMissing;
  const sum = Math.min(entry.item.points, (points?.min ?? 0) + more);
  return { ...first.after, points: { min: sum, max: sum } };
}

function isChanged(before: Score, after: Score): boolean {
  return (
    before.points?.min !== after.points?.min ||
    before.points?.max !== after.points?.max ||
    before.conventionPoints !== after.conventionPoints
  );
}
