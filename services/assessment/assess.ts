import { transaction, type Database } from '#infra/postgres.ts';
import type { Assessment } from '#schemas/api/assessment.ts';
import type { Measurement, Score, Total } from '#schemas/assessment.ts';
import { conventionOf } from '#schemas/convention.ts';
import type { Rubric, RubricItem } from '#schemas/rubric.ts';
import { iso, type CollectRequest } from './collect.ts';
import { isDemo, type Derivation, type Facts, type Member } from './measure.ts';
import { collectors } from './measures/collectors.ts';
import { derivations } from './measures/derivations.ts';
import { score, total } from './score.ts';

/** What one item came to, with everything it came from. */
export interface MeasuredItem {
  readonly item: RubricItem;
  readonly derivation: Derivation;
  readonly facts: Facts;
  readonly measurement: Measurement;
  readonly members: readonly Member[];
  readonly score: Score;
  readonly demo: boolean;
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

/** Measures and scores every item of the rubric that has a measure, all from one snapshot of the store. */
export async function assess(
  db: Database,
  request: CollectRequest & { readonly rubric: Rubric },
): Promise<AssessmentRun> {
  const { rubric, fromMs, toMs, asOfMs, timeZone } = request;
  const wanted = rubric.items.filter(hasMeasure);
  const facts = await collectAll(db, wanted, request);
  const measured = wanted.map((item) => measureItem(item, facts.get(factsKey(item))));
  return {
    rubric,
    fromMs,
    toMs,
    asOfMs,
    timeZone,
    measured,
    total: total(
      measured.map((entry) => entry.score),
      rubric,
    ),
    demo: measured.some((entry) => entry.demo),
  };
}

function collectAll(
  db: Database,
  items: readonly RubricItem[],
  request: CollectRequest,
): Promise<Map<string, Facts>> {
  return transaction(db, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    const facts = new Map<string, Facts>();
    const remembering = { ...request, memory: new Map<string, Promise<unknown>>() };
    for (const item of items) {
      const key = factsKey(item);
      if (facts.has(key)) continue;
      const collected = await collectors.get(item.measure ?? '')?.collect(client, remembering, item);
      if (collected !== undefined) facts.set(key, collected);
    }
    return facts;
  });
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
  };
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
    items: run.rubric.items.map((item) => ({
      item: item.id,
      section: item.section,
      indicator: item.indicator,
      clause: item.clause,
      name: item.name,
      maximum: item.points,
      convention: conventionOf(run.rubric, item),
      evidenceId: evidenceIds.get(item.id) ?? null,
      ...outcome(measured.get(item.id)),
    })),
  };
}

type Outcome = Pick<
  Assessment['items'][number],
  'points' | 'conventionPoints' | 'basis' | 'verdict' | 'reason' | 'value' | 'unit' | 'completeness'
>;

function outcome(entry: MeasuredItem | undefined): Outcome {
  if (entry === undefined) {
    return {
      points: null,
      conventionPoints: null,
      basis: 'missing',
      verdict: 'missing',
      reason: { zh: '尚无测算', en: 'No measure yet' },
      value: null,
      unit: '',
      completeness: null,
    };
  }
  const { score: earned, measurement } = entry;
  return {
    points: earned.points,
    conventionPoints: earned.conventionPoints,
    basis: earned.basis,
    verdict: measurement.verdict,
    reason: earned.reason,
    value: measurement.value,
    unit: measurement.unit,
    completeness: measurement.completeness,
  };
}
