import { z } from 'zod';
import type { Database } from '#infra/postgres.ts';
import { rubricIdSchema } from '#schemas/api/assessment.ts';
import {
  differenceQuery,
  differenceSchema,
  trendQuery,
  trendSchema,
  type Difference,
} from '#schemas/api/trend.ts';
import { ParkError } from '#schemas/errors.ts';
import { everyone } from '#schemas/roles.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import type { Rubric } from '#schemas/rubric.ts';
import type { Api } from '#services/api/plugin.ts';
import { causesOf, hasChanged, type Cause, type ItemState } from './difference.ts';
import { restoreFacts } from './snapshot.ts';
import {
  listSnapshots,
  readKeptFacts,
  readReadingChanges,
  readSnapshotItems,
  type SnapshotItemRow,
  type SnapshotRow,
} from './snapshot-store.ts';

const rubricParams = z.object({ rubricId: rubricIdSchema });
/** Nights of a trend: three years. */
const mostNights = 1_100;
/** Causes shown of one item; how many more there are is told. */
const mostCauses = 50;
/** Points whose late and corrected readings are counted. */
const mostPoints = 200;

/** GET /assessments/{rubricId}/trend and /difference. */
export function snapshotRoutes(api: Api, { db }: { db: Database }): void {
  api.get(
    '/assessments/:rubricId/trend',
    {
      config: { access: everyone },
      schema: {
        summary: 'The three figures of every night, oldest first',
        tags: ['assessment'],
        params: rubricParams,
        querystring: trendQuery,
        response: { 200: trendSchema },
      },
    },
    async ({ params: { rubricId }, query: { from, to } }) => {
      const rows = await listSnapshots(db, {
        rubricId: rubricOf(rubricId).id,
        fromDay: from ?? null,
        toDay: to ?? null,
        limit: mostNights,
      });
      return { items: rows.map(toNight) };
    },
  );
  api.get(
    '/assessments/:rubricId/difference',
    {
      config: { access: everyone },
      schema: {
        summary: 'Every item whose points differ between two nights, and why',
        tags: ['assessment'],
        params: rubricParams,
        querystring: differenceQuery,
        response: { 200: differenceSchema },
      },
    },
    ({ params: { rubricId }, query: { from, to } }) => readDifference(db, rubricOf(rubricId), { from, to }),
  );
}

function rubricOf(rubricId: string): Rubric {
  const rubric = scoredRubrics.get(rubricId);
  if (rubric === undefined) throw new ParkError('not-found', `There is no rubric ${rubricId}`);
  return rubric;
}

function toNight({ day, edition, from, to, asOf, total, demo }: SnapshotRow): Difference['from'] {
  const instants = { from: from.toISOString(), to: to.toISOString(), asOf: asOf.toISOString() };
  return { day, edition, ...instants, ...total, demo };
}

/** A night with its items. */
interface Night {
  readonly row: SnapshotRow;
  readonly items: ReadonlyMap<string, SnapshotItemRow>;
}

async function readNight(db: Database, rubricId: string, day: string): Promise<Night> {
  const [row] = await listSnapshots(db, { rubricId, fromDay: day, toDay: day, limit: 1 });
  if (row === undefined) throw new ParkError('not-found', `The night of ${day} was not assessed`);
  const items = await readSnapshotItems(db, rubricId, day);
  return { row, items: new Map(items.map((item) => [item.item, item])) };
}

async function readDifference(
  db: Database,
  rubric: Rubric,
  { from, to }: { from: string; to: string },
): Promise<Difference> {
  const before = await readNight(db, rubric.id, from);
  const after = await readNight(db, rubric.id, to);
  const items: Difference['items'] = [];
  for (const item of rubric.items) {
    const [old, own] = [before.items.get(item.id), after.items.get(item.id)];
    if (!hasChanged(old?.score ?? null, own?.score ?? null)) continue;
    // One item at a time: the facts of all items of a large park would be much to hold.
    const states = [await stateOf(db, before, old), await stateOf(db, after, own)] as const;
    const sameRules = before.row.rubricSha256 === after.row.rubricSha256;
    const causes =
      states[0] === null || states[1] === null
        ? [newlyMeasured(states[0] === null)]
        : causesOf(item, { before: states[0], after: states[1], sameRules });
    const shown = causes.slice(0, mostCauses);
    items.push({
      item: item.id,
      name: item.name,
      maximum: item.points,
      before: old === undefined ? null : outcomeOf(old),
      after: own === undefined ? null : outcomeOf(own),
      isExplainedByFacts: (states[0]?.facts ?? null) !== null && (states[1]?.facts ?? null) !== null,
      causes: await withReadings(db, shown, { since: before.row.asOf, until: after.row.asOf }),
      moreCauses: causes.length - shown.length,
    });
  }
  return { from: toNight(before.row), to: toNight(after.row), items };
}

async function stateOf(
  db: Database,
  { row }: Night,
  item: SnapshotItemRow | undefined,
): Promise<ItemState | null> {
  if (item === undefined) return null;
  const kept = (await readKeptFacts(db, [item.keptSha256])).get(item.keptSha256);
  return { ...item, facts: kept === undefined ? null : restoreFacts(kept, row) };
}

function outcomeOf({
  score,
  measurement,
}: SnapshotItemRow): NonNullable<Difference['items'][number]['before']> {
  const { points, basis, reason } = score;
  const { value, unit, verdict } = measurement;
  return { points, basis, reason, value, unit, verdict };
}

function newlyMeasured(isNew: boolean): Cause {
  const text = { zh: '该项当时没有测算', en: 'The item had no measure then' };
  const base = { kind: 'rules', id: '', name: null, point: null } as const;
  return isNew ? { ...base, before: text, after: null } : { ...base, before: null, after: text };
}

/** Beside readings that differ: how many of the point came late or were corrected in between. */
async function withReadings(
  db: Database,
  causes: readonly Cause[],
  span: { since: Date; until: Date },
): Promise<Difference['items'][number]['causes']> {
  const points = causes.flatMap(({ kind, point }) => (kind === 'readings' && point !== null ? [point] : []));
  if (points.length === 0) return causes.map((cause) => ({ ...cause, late: 0, corrections: 0 }));
  const changes = await readReadingChanges(db, { points: points.slice(0, mostPoints), ...span });
  const found = new Map(changes.map((change) => [change.point, change]));
  return causes.map((cause) => {
    const { late = 0, corrections = 0 } = found.get(cause.point ?? '') ?? {};
    return { ...cause, late, corrections };
  });
}
