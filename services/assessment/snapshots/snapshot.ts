import { gunzipSync, gzipSync } from 'node:zlib';
import type { Clock } from '#infra/clock.ts';
import { appendJournal } from '#infra/journal.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import type { Rubric } from '#schemas/rubric.ts';
import { canonicalText, sha256Hex } from '#services/sealing/chain.ts';
import { decidedOf, type AssessmentRun, type MeasuredItem } from '../assess.ts';
import { assessEach } from '../assess-each.ts';
import { iso } from '../collect.ts';
import type { Facts } from '../measure.ts';
import { attestation } from '../measures/attestation/derive.ts';
import { choosePeriod } from '../period.ts';
import { decidedScore } from '../score.ts';
import { snapshotVersion, type SnapshotBody } from './snapshot-body.ts';
import { dropFacts, hasSnapshot, insertItem, insertSnapshot, type KeptItem } from './snapshot-store.ts';

export interface SnapshotDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly parkId: string;
  /** Version of the program. */
  readonly program: string;
  readonly rubrics: readonly Rubric[];
  /** Ends every transaction of a leader: throws when the lease is no longer ours. */
  readonly fence: (client: Queryable) => Promise<void>;
}

/** The last readings of a day come a little after midnight. */
export const settleMs = 3_600_000;
/** Facts are kept for a difference between two days of this span; totals and scores are kept for ever. */
export const factsKeptDays = 400;
/** At most this many facts are dropped at a time. */
const dropBatch = 1_000;

/**
 * The assessment of the last complete local day's period, once a rubric and day, whoever asks how often. A night that
 * nobody ran in is not made up for: what was known then is not known any more.
 * @returns ids of the rubrics that were assessed now
 */
export async function takeSnapshots(deps: SnapshotDeps): Promise<string[]> {
  const { db, clock, timeZone } = deps;
  const calendar = localCalendar(timeZone);
  const nowMs = clock.nowMs();
  const today = calendar.dayOf(nowMs);
  if (nowMs < calendar.startOf(today) + settleMs) return [];
  const day = shiftDay(today, -1);
  const taken: string[] = [];
  const rubrics: Rubric[] = [];
  for (const rubric of deps.rubrics) if (!(await hasSnapshot(db, rubric.id, day))) rubrics.push(rubric);
  if (rubrics.length > 0) {
    await assessEach(db, { rubrics, ...choosePeriod({}, { nowMs, timeZone }) }, async (run) => {
      if (await store(deps, run, day)) taken.push(run.rubric.id);
    });
  }
  await transaction(db, async (client) => {
    await dropFacts(client, { beforeDay: shiftDay(day, -factsKeptDays), limit: dropBatch });
    await deps.fence(client);
  });
  return taken;
}

function store(
  { db, parkId, program, fence }: SnapshotDeps,
  run: AssessmentRun,
  day: string,
): Promise<boolean> {
  const entries = run.measured.map(keptItem);
  const body = snapshotBody(run, { day, parkId, program, entries });
  return transaction(db, async (client) => {
    if (await hasSnapshot(client, body.rubric, day)) return false;
    const journalId = await appendJournal(client, 'evidence', body);
    await insertSnapshot(client, { body, journalId });
    for (const entry of entries) await insertItem(client, { rubricId: body.rubric, day, entry });
    await fence(client);
    return true;
  });
}

function snapshotBody(
  run: AssessmentRun,
  night: { day: string; parkId: string; program: string; entries: readonly KeptItem[] },
): SnapshotBody {
  const { rubric } = run;
  return {
    v: snapshotVersion,
    park: night.parkId,
    rubric: rubric.id,
    edition: rubric.edition,
    rubricSha256: sha256Hex(canonicalText(rubric)),
    day: night.day,
    period: { from: iso(run.fromMs), to: iso(run.toMs), timeZone: run.timeZone },
    asOf: iso(run.asOfMs),
    total: run.total,
    demo: run.demo,
    program: night.program,
    items: night.entries.map(({ item, score, measure, measureVersion, factsSha256 }) => {
      return { item, points: score.points, basis: score.basis, measure, measureVersion, factsSha256 };
    }),
  };
}

function keptItem(entry: MeasuredItem): KeptItem {
  const { item, measurement, claims } = entry;
  // Where an approved claim decides, the claims are what the points came from.
  const derivation = claims === null ? entry.derivation : attestation;
  const facts = claims ?? entry.facts;
  const decided = decidedOf(entry);
  // As it counts in the total of the night.
  const score = decidedScore(entry.score, decided);
  const kept = canonicalText(withoutInstants(facts));
  return {
    item: item.id,
    score: decided === null ? score : { ...score, decided },
    measurement,
    measure: derivation.id,
    measureVersion: derivation.version,
    factsSha256: sha256Hex(canonicalText(facts)),
    keptSha256: sha256Hex(kept),
    kept: gzipSync(kept),
  };
}

/** Without what differs every night although nothing changed: equal facts are kept once. */
function withoutInstants(facts: Facts): Omit<Facts, 'from' | 'to' | 'asOf'> {
  const { from: _from, to: _to, asOf: _asOf, ...rest } = facts;
  return rest;
}

/** The facts as they were, out of what is kept of them and the night's instants. */
export function restoreFacts(
  kept: Uint8Array,
  { from, to, asOf }: { from: Date; to: Date; asOf: Date },
): Facts {
  const rest = JSON.parse(gunzipSync(kept).toString('utf8')) as Omit<Facts, 'from' | 'to' | 'asOf'>;
  return { ...rest, from: from.toISOString(), to: to.toISOString(), asOf: asOf.toISOString() };
}
