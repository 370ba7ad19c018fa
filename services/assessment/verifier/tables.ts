import type { EvidenceBody } from '../evidence-body.ts';
import type { Member } from '../measure.ts';
import { csvLine, csvMark } from './csv.ts';

/**
 * The tables of a pack. They say nothing that records and inputs do not say: the verifier makes them anew and compares.
 */
export interface TableRecord {
  readonly seq: number;
  readonly body: EvidenceBody;
}

const scoreColumns = [
  'seq',
  'item',
  'clause',
  'name_zh',
  'name_en',
  'from',
  'to',
  'points_min',
  'points_max',
  'maximum',
  'convention_points',
  'basis',
  'verdict',
  'value',
  'unit',
  'counted',
  'of',
  'completeness',
  'demo',
  'reason_zh',
  'reason_en',
];

/** scores.csv: one line a record. */
export function scoresTable(records: readonly TableRecord[]): string {
  const lines = records.map(({ seq, body }) => {
    const { item, clause, name, period, maximum, measurement, score, basis, demo } = body;
    const { points, conventionPoints, reason } = score;
    const { verdict, value, unit, population, completeness } = measurement;
    const where = [seq, item, clause, name.zh, name.en, period.from, period.to];
    const earned = [points?.min ?? null, points?.max ?? null, maximum, conventionPoints, basis];
    const found = [verdict, value, unit, population.counted, population.of, completeness, demo ? 1 : 0];
    return csvLine([...where, ...earned, ...found, reason.zh, reason.en]);
  });
  return csvMark + csvLine(scoreColumns) + lines.join('');
}

const memberColumns = [
  'id',
  'name',
  'class',
  'provenance',
  'standing',
  'noted',
  'point',
  'reason_zh',
  'reason_en',
];

/** population/{seq}.csv: one line for each member that a record speaks of. */
export function populationTable(members: readonly Member[]): string {
  const lines = members.map((member) => {
    const { deviceId, name, provenance, standing, noted, point, reason } = member;
    const cells = [deviceId, name, member.class, provenance, standing, noted ? 1 : 0];
    return csvLine([...cells, point, reason.zh, reason.en]);
  });
  return csvMark + csvLine(memberColumns) + lines.join('');
}
