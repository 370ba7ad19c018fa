import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import { nextTurn } from '#infra/turns.ts';
import type { AssessedItem, Assessment, Evidence } from '#schemas/api/assessment.ts';
import type { Decided, Measurement, Score, Total } from '#schemas/assessment.ts';
import { conventionOf } from '#schemas/convention.ts';
import { limits } from '#schemas/limits.ts';
import type { Rubric, RubricItem } from '#schemas/rubric.ts';
import { collectOnce, iso, type CollectRequest } from './collect.ts';
import { isDemo, type Derivation, type Facts, type Member } from './measure.ts';
import { collectOverrides } from './measures/attestation/collect.ts';
import { attest, type AttestationFacts } from './measures/attestation/derive.ts';
import { collectors } from './measures/collectors.ts';
import { derivations } from './measures/derivations.ts';
import { readDecisions, type DecisionRow } from './decisions/store.ts';
import { decidedScore, mayStand, score, total } from './score.ts';
import { sharedWith } from './shared-evidence.ts';
import { standingOf } from './standing.ts';

/** What one item came to, with everything it came from. */
export interface MeasuredItem {
  readonly item: RubricItem;
  readonly derivation: Derivation;
  readonly facts: Facts;
  readonly measurement: Measurement;
  readonly members: readonly Member[];
  readonly score: Score;
  readonly demo: boolean;
  /** What an approved claim stands beside: then `measurement` and `score` are the claim's. */
  readonly computed: { readonly measurement: Measurement; readonly score: Score } | null;
  /** The claims, when one of them decides an item that is computed. */
  readonly claims: AttestationFacts | null;
  /** The newest of an assessor for this period; it counts only while it lies in the range of `score`. */
  readonly decision: DecisionRow | null;
}

export interface AssessmentRun extends CollectRequest {
  readonly rubric: Rubric;
  /** Items that have a measure, in the order of the rubric. */
  readonly measured: readonly MeasuredItem[];
  readonly total: Total;
  readonly demo: boolean;
}

/** Whether an item can be measured today. */
export function hasMeasure({ measure }: RubricItem): boolean {
  return measure !== undefined && derivations.has(measure) && collectors.has(measure);
}

interface AssessRequest extends CollectRequest {
  readonly rubric: Rubric;
  /** Only this item. */
  readonly item?: string;
}

/** Measures and scores every item of the rubric that has a measure, all from one snapshot of the store. */
export async function assess(db: Database, request: AssessRequest): Promise<AssessmentRun> {
  return inSnapshot(db, (client) => assessIn(client, { ...request, memory: new Map() }));
}

/** Runs the work on a client that sees the store as it is now, whatever is written meanwhile. */
export function inSnapshot<T>(db: Database, work: (client: Queryable) => Promise<T>): Promise<T> {
  return transaction(db, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    return work(client);
  });
}

/** Like `assess`, asking a client whose snapshot the caller holds. */
export async function assessIn(client: Queryable, request: AssessRequest): Promise<AssessmentRun> {
  const { rubric, fromMs, toMs, asOfMs, timeZone } = request;
  const wanted = rubric.items.filter(
    (item) => hasMeasure(item) && (request.item === undefined || item.id === request.item),
  );
  const { facts, overrides, decisions } = await collectAll(client, wanted, request);
  const measured: MeasuredItem[] = [];
  for (const item of wanted) {
    const entry = measureItem(item, facts.get(factsKey(item)));
    measured.push({ ...override(entry, overrides.get(item.id)), decision: decisions.get(item.id) ?? null });
    await nextTurn();
  }
  return {
    rubric,
    fromMs,
    toMs,
    asOfMs,
    timeZone,
    measured,
    total: total(
      measured.map((entry) => decidedScore(entry.score, decidedOf(entry))),
      rubric,
    ),
    demo: measured.some((entry) => entry.demo),
  };
}

async function collectAll(
  client: Queryable,
  items: readonly RubricItem[],
  request: AssessRequest,
): Promise<{
  facts: Map<string, Facts>;
  overrides: Map<string, AttestationFacts>;
  decisions: Map<string, DecisionRow>;
}> {
  const facts = new Map<string, Facts>();
  const { id: rubricId, edition } = request.rubric;
  const asking = { ...request, rubricId };
  for (const item of items) {
    const key = factsKey(item);
    if (facts.has(key)) continue;
    const collector = collectors.get(item.measure ?? '');
    if (collector === undefined) continue;
    facts.set(key, await collectOnce(client, asking, { collector, item }));
  }
  const decisions = await readDecisions(client, { ...asking, edition });
  return { facts, overrides: await collectOverrides(client, asking, items), decisions };
}

/** What an assessor decided, while it lies in the range that is left; else null. */
export function decidedOf({ score: earned, decision }: MeasuredItem): Decided | null {
  if (decision === null || decision.points === null || !mayStand(earned, decision.points)) return null;
  const { points, reason, author, decidedAt } = decision;
  return { points, reason, by: author, at: decidedAt.toISOString() };
}

/** A claim that was approved decides the item; what was computed stays beside it. */
function override(entry: MeasuredItem, claims: AttestationFacts | undefined): MeasuredItem {
  if (claims === undefined) return entry;
  const { measurement, score: earned } = entry;
  return { ...entry, ...attest(entry.item, claims), computed: { measurement, score: earned }, claims };
}

/** Items with the same key share their facts. */
function factsKey({ id, measure = '' }: RubricItem): string {
  return collectors.get(measure)?.perItem === true ? `${measure} ${id}` : measure;
}

function measureItem(item: RubricItem, facts: Facts | undefined): MeasuredItem {
  const derivation = derivations.get(item.measure ?? '');
  if (derivation === undefined || facts === undefined) throw new Error(`${item.id} has no measure`);
  const measurement = derivation.derive(facts, item);
  const members = derivation.members(facts, item);
  return {
    item,
    derivation,
    facts,
    measurement,
    members,
    score: score(item, measurement),
    demo: isDemo(members),
    computed: null,
    claims: null,
    decision: null,
  };
}

function toStanding({ rubric, measured, total: figures }: AssessmentRun): Assessment['standing'] {
  const { vetoes, lowest, ...standing } = standingOf(
    rubric,
    measured.map((entry) => decidedScore(entry.score, decidedOf(entry))),
    figures,
  );
  return { ...standing, vetoes: [...vetoes], lowest: [...lowest] };
}

/** The run as the API answers it; `evidenceIds` by item. */
export function toAssessment(run: AssessmentRun, evidenceIds: ReadonlyMap<string, string>): Assessment {
  const measured = new Map(run.measured.map((entry) => [entry.item.id, entry]));
  return {
    rubricId: run.rubric.id,
    from: iso(run.fromMs),
    to: iso(run.toMs),
    asOf: iso(run.asOfMs),
    demo: run.demo,
    ...run.total,
    standing: toStanding(run),
    items: run.rubric.items.map((item) => ({
      item: item.id,
      section: item.section,
      indicator: item.indicator,
      clause: item.clause,
      name: item.name,
      maximum: item.points,
      convention: conventionOf(run.rubric, item),
      openQuestions: item.openQuestions,
      evidenceId: evidenceIds.get(item.id) ?? null,
      ...outcome(measured.get(item.id)),
      decision: shownDecision(measured.get(item.id)),
    })),
  };
}

/** More members are not shown one by one; the counts tell of all. */
const shownMembers = limits.listLimit;

/** One item of a run as the API answers it. @throws Error when the rubric has no such item */
export function toAssessedItem(
  run: AssessmentRun,
  { item, evidenceIds }: { item: string; evidenceIds: ReadonlyMap<string, string> },
): AssessedItem {
  const { rubricId, from, to, asOf, items } = toAssessment(run, evidenceIds);
  const found = items.find((each) => each.item === item);
  if (found === undefined) throw new Error(`${rubricId} has no item ${item}`);
  const entry = run.measured.find((measured) => measured.item.id === item);
  const members = entry?.members ?? [];
  const names = new Map(entry?.item.functions.map(({ id, name }) => [id, name]));
  return {
    rubricId,
    from,
    to,
    asOf,
    demo: entry?.demo ?? false,
    item: found,
    functions: (entry?.measurement.functions ?? []).map(({ id, state, reason }) => {
      return { id, name: names.get(id) ?? { zh: id, en: id }, state, reason };
    }),
    counted: entry?.measurement.population.counted ?? 0,
    of: entry?.measurement.population.of ?? 0,
    population: members
      .toSorted((a, b) => Number(a.standing === 'counted') - Number(b.standing === 'counted'))
      .slice(0, shownMembers)
      .map(toPopulationMember),
    shared: sharedWith(rubricId, item),
  };
}

/** A member as the API shows it. */
export function toPopulationMember(member: Member): Evidence['population'][number] {
  const { deviceId, name, provenance, standing, reason, point } = member;
  return {
    deviceId,
    name,
    provenance,
    standing,
    reason,
    point,
    class: member.class,
    counted: standing === 'counted',
  };
}

function shownDecision(entry: MeasuredItem | undefined): Assessment['items'][number]['decision'] {
  const decision = entry?.decision ?? null;
  if (entry === undefined || decision === null || decision.points === null) return null;
  const { points, reason, author, decidedAt } = decision;
  return { points, reason, by: author, at: decidedAt.toISOString(), counts: decidedOf(entry) !== null };
}

type Outcome = Pick<
  Assessment['items'][number],
  | 'points'
  | 'conventionPoints'
  | 'band'
  | 'basis'
  | 'verdict'
  | 'reason'
  | 'value'
  | 'unit'
  | 'completeness'
  | 'computed'
>;

function outcome(entry: MeasuredItem | undefined): Outcome {
  if (entry === undefined) {
    return {
      points: null,
      conventionPoints: null,
      band: null,
      basis: 'missing',
      verdict: 'missing',
      reason: { zh: '尚无测算', en: 'No measure yet' },
      value: null,
      unit: '',
      completeness: null,
      computed: null,
    };
  }
  const { computed } = entry;
  return {
    ...shown(entry),
    computed: computed === null ? null : shown(computed),
  };
}

function shown({
  score: earned,
  measurement,
}: {
  readonly score: Score;
  readonly measurement: Measurement;
}): Omit<Outcome, 'computed'> {
  return {
    points: earned.points,
    conventionPoints: earned.conventionPoints,
    band: earned.band,
    basis: earned.basis,
    verdict: measurement.verdict,
    reason: earned.reason,
    value: measurement.value,
    unit: measurement.unit,
    completeness: measurement.completeness,
  };
}
