import type { Score, Total } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { Rubric, RubricItem } from '#schemas/rubric.ts';
import { saidInParkTime } from '#schemas/said-instants.ts';
import { canonicalText } from '#services/sealing/chain.ts';
import type { EvidenceBody } from '../evidence-body.ts';
import { decidedScore, total } from '../score.ts';
import type { Head } from '../verifier/pack-form.ts';
import { shownNumber } from '../verifier/total-text.ts';

/** A row of evidence that a pack is about. */
export interface PackRecord {
  readonly seq: number;
  /** The body as it was hashed. */
  readonly text: string;
  readonly body: EvidenceBody;
}

/** What the printed report and the workbook of a pack tell. */
export interface ReportContent {
  readonly park: string;
  /** As the newest record was scored by. */
  readonly rubric: Rubric;
  /** In the order of the journal. */
  readonly records: readonly PackRecord[];
  readonly head: Head;
  readonly exportedAt: string;
  readonly program: string;
}

/** One item as the rubric prints it; without a record it is undetermined. */
export interface ReportItem {
  readonly item: RubricItem;
  readonly record: PackRecord | null;
}

export interface ReportSection {
  readonly name: Bilingual;
  readonly maximum: number;
  readonly items: readonly ReportItem[];
  readonly total: Pick<Total, 'determined' | 'undetermined'>;
}

export interface ReportModel {
  readonly sections: readonly ReportSection[];
  readonly total: Total;
  readonly form: Rubric['form'];
  readonly demo: boolean;
  /** Points determined, by what they rest on; none of levels, which are not added up. */
  readonly bases: readonly { readonly basis: Score['basis']; readonly points: Total['determined'] }[];
  /** Every period that a record is of, in the park's time. */
  readonly periods: readonly string[];
}

/** The score sheet in the order of the rubric. Pure. */
export function reportModel({ rubric, records }: ReportContent): ReportModel {
  const byItem = new Map(records.map((record) => [record.body.item, record]));
  const sections = rubric.sections.map((section): ReportSection => {
    const items = rubric.items
      .filter((item) => item.section === section.id)
      .map((item) => ({ item, record: byItem.get(item.id) ?? null }));
    return { name: section.name, maximum: section.points, items, total: sumOf(items) };
  });
  const scores = records
    .map(({ body }) => decidedScore(body.score, body.decided))
    .filter(({ item }) => isItem(rubric, item));
  return {
    sections,
    total: total(scores, rubric),
    form: rubric.form,
    demo: records.some(({ body }) => body.demo),
    bases: rubric.form === 'levels' ? [] : basesOf(scores),
    periods: [...new Set(records.map(({ body }) => periodText(body)))],
  };
}

function isItem(rubric: Rubric, id: string): boolean {
  return rubric.items.some((item) => item.id === id);
}

function sumOf(items: readonly ReportItem[]): ReportSection['total'] {
  const determined = { min: 0, max: 0 };
  let undetermined = 0;
  for (const { item, record } of items) {
    const points = record === null ? null : countedPoints(record.body);
    determined.min += points?.min ?? 0;
    determined.max += points?.max ?? 0;
    if (points === null) undetermined += item.points;
  }
  return { determined, undetermined };
}

function basesOf(scores: readonly Score[]): ReportModel['bases'] {
  const sums = new Map<Score['basis'], { min: number; max: number }>();
  for (const { basis, points } of scores) {
    if (points === null) continue;
    const sum = sums.get(basis) ?? { min: 0, max: 0 };
    sums.set(basis, { min: sum.min + points.min, max: sum.max + points.max });
  }
  return [...sums].map(([basis, points]) => ({ basis, points }));
}

/** Local days where the period begins and ends with one, else the instants. */
export function periodText({ period }: EvidenceBody): string {
  const { from, to, timeZone } = period;
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const [start, end] = [format.format(new Date(from)), format.format(new Date(to))];
  const isDays = start.endsWith(' 00:00:00') && end.endsWith(' 00:00:00');
  if (!isDays) return `${start} – ${end}`;
  const lastDay = format.format(new Date(Date.parse(to) - 1)).slice(0, 10);
  return `${start.slice(0, 10)} – ${lastDay}`;
}

export const basisNames: Readonly<Record<Score['basis'], Bilingual>> = {
  measured: { zh: '实测', en: 'measured' },
  exercised: { zh: '演练', en: 'exercised' },
  recorded: { zh: '台账', en: 'recorded' },
  attested: { zh: '核验认定', en: 'attested' },
  missing: { zh: '数据不足', en: 'insufficient' },
};

/** What was sealed of a period, with its instants in the park's time. */
export function inParkTime({ zh, en }: Bilingual, timeZone: string): Bilingual {
  return { zh: saidInParkTime(zh, timeZone), en: saidInParkTime(en, timeZone) };
}

/** Each function of a record by its name, with what proves it or what is missing. */
export function functionTexts(
  { body: { item, measurement, period } }: PackRecord,
  rubric: Rubric,
): { readonly state: keyof typeof stateMarks; readonly text: Bilingual }[] {
  const names = new Map(
    rubric.items.find(({ id }) => id === item)?.functions.map(({ id, name }) => [id, name]),
  );
  return (measurement.functions ?? []).map(({ id, state, reason }) => {
    const said = inParkTime(reason, period.timeZone);
    const name = names.get(id) ?? { zh: id, en: id };
    return { state, text: { zh: `${name.zh}：${said.zh}`, en: `${name.en}: ${said.en}` } };
  });
}

/** Signs that the font has. */
export const stateMarks = { proven: '✓ ', missing: '× ', 'not-applicable': '– ' } as const;

/** Why a record earns what it earns, and who decided inside its range. */
export function reasonText({ score, decided, period: { timeZone } }: EvidenceBody): Bilingual {
  const said = inParkTime(score.reason, timeZone);
  if (decided === undefined) return said;
  const { points, by, at, reason } = decided;
  const day = localCalendar(timeZone).dayOf(Date.parse(at));
  const range = rangeText(score.points);
  return {
    zh: `${said.zh}（${range} 分）；${by} 于 ${day} 裁定 ${shown(points)} 分：${reason}`,
    en: `${said.en} (${range} points); decided by ${by} on ${day} at ${shown(points)} points: ${reason}`,
  };
}

/** The points of a record as they add to the total; null while undetermined. */
export function countedPoints({ score, decided }: EvidenceBody): Score['points'] {
  return decidedScore(score, decided).points;
}

/** `3`, `2–4`, or a dash where nothing is determined. */
export function rangeText(points: { readonly min: number; readonly max: number } | null): string {
  if (points === null) return '—';
  return points.min === points.max ? shown(points.min) : `${shown(points.min)}–${shown(points.max)}`;
}

export const shown = shownNumber;

/** What the QR code holds: the signed head, so that a scanned report is a witness (`verify --witness`). */
export function headText(head: Head): string {
  return canonicalText(head);
}
