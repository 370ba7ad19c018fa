import type { Decided, Measurement, Score, Total } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import { isWholeUnit, quantityText } from '#schemas/rubric-units.ts';
import type { Band, PointRange, Range, Rubric, RubricItem } from '#schemas/rubric.ts';

/** The band of a requirement that asks nothing of this park; a name here, so that the verifier carries no schema. */
const notApplicable = 'not-applicable';

/** What the measurement makes of an item before it is put into words. */
interface Verdict {
  readonly points: PointRange;
  readonly conventionPoints: number | null;
  readonly band: string | null;
  readonly reason: Bilingual;
}

/** The functions of an item that count in this park. */
interface FunctionTally {
  readonly proven: number;
  readonly of: number;
  /** Index of the band that the functions alone would earn. */
  readonly band: number;
}

/**
 * What `item` earns by `measurement`: a pure function, so that the same evidence gives the same points for ever.
 * @returns points as a range where the rubric leaves one; null points when the measurement is insufficient.
 * @throws Error when the measurement does not fit the item (other unit, unknown function or band): a bug of the measure.
 */
export function score(item: RubricItem, measurement: Measurement): Score {
  if (measurement.verdict === 'insufficient') return undetermined(item, measurement);
  const verdict = judge(item, measurement);
  return { item: item.id, basis: item.basis, ...verdict };
}

/** Whether somebody may decide on so many points: a range is left, and they lie in it. */
export function mayStand({ points: range }: Pick<Score, 'points'>, points: number): boolean {
  return range !== null && range.min < range.max && points >= range.min && points <= range.max;
}

/** The score as it counts in a total: what was decided inside the range, else the range. */
export function decidedScore(earned: Score, decided: Pick<Decided, 'points'> | null | undefined): Score {
  if (decided === null || decided === undefined || !mayStand(earned, decided.points)) return earned;
  return { ...earned, points: exactly(decided.points) };
}

/**
 * Brings the scores of one rubric together: points are added up (items without a score, or without points, are
 * undetermined with all they could earn); of levels the lowest stands, and `undetermined` counts rows; of requirements
 * those that are met are counted, and those that do not apply are no part of the maximum.
 * @throws Error when a score belongs to no item of the rubric, or an item is scored twice.
 */
export function total(scores: readonly Score[], rubric: Rubric): Total {
  const open = new Map(rubric.items.map((item) => [item.id, item.points]));
  const seen = new Set<string>();
  for (const { item, points } of scores) {
    if (!open.has(item) && !seen.has(item)) throw new Error(`${rubric.id} has no item ${item}`);
    if (seen.has(item)) throw new Error(`${item} is scored twice`);
    seen.add(item);
    if (points !== null) open.delete(item);
  }
  const ranges = scores.flatMap(({ points }) => (points === null ? [] : [points]));
  if (rubric.form === 'levels') return lowestLevel(ranges, { open: open.size, highest: rubric.points });
  const without = scores.filter(
    ({ band }) => rubric.form === 'requirements' && band === notApplicable,
  ).length;
  return {
    determined: {
      min: ranges.reduce((sum, { min }) => sum + min, 0),
      max: ranges.reduce((sum, { max }) => sum + max, 0),
    },
    undetermined: [...open.values()].reduce((sum, points) => sum + points, 0),
    maximum: rubric.points - without,
  };
}

/** As long as a row is open the park may still be found at no level at all. */
function lowestLevel(
  ranges: readonly PointRange[],
  { open, highest }: { open: number; highest: number },
): Total {
  const min = open > 0 ? 0 : Math.min(highest, ...ranges.map((range) => range.min));
  return {
    determined: { min, max: Math.min(highest, ...ranges.map((range) => range.max)) },
    undetermined: open,
    maximum: highest,
  };
}

function undetermined(item: RubricItem, { missing }: Measurement): Score {
  const zh = missing.map((text) => text.zh).join('；');
  const en = missing.map((text) => text.en).join('; ');
  return {
    item: item.id,
    points: null,
    conventionPoints: null,
    basis: 'missing',
    band: null,
    reason: {
      zh: zh === '' ? '数据不足' : `数据不足：${zh}`,
      en: en === '' ? 'Insufficient data' : `Insufficient data: ${en}`,
    },
  };
}

function judge(item: RubricItem, measurement: Measurement): Verdict {
  if (measurement.grade !== undefined) return byGrade(item, measurement.grade, measurement);
  if (item.perUnit.length > 0) return byUnits(item, measurement);
  if (item.deduction !== undefined) return byDeduction(item, measurement);
  if (item.graded) throw new Error(`${item.id}: the measurement must name a band`);
  if (item.bands.some((band) => band.ranges.length > 0)) return byRange(item, measurement);
  return byFunctions(item, measurement);
}

function byGrade(item: RubricItem, grade: string, measurement: Measurement): Verdict {
  const band = item.bands.find(({ id }) => id === grade);
  if (band === undefined) throw new Error(`${item.id} has no band ${grade}`);
  return {
    points: band.points,
    conventionPoints: null,
    band: band.id,
    reason: withLacking(
      { zh: `认定为：${band.condition.zh}`, en: `Found: ${band.condition.en}` },
      { item, ids: lackingParts(item, measurement) },
    ),
  };
}

/** The parts of an item of parts that are not there, where they could make more of it. */
function lackingParts(item: RubricItem, { functions = [], sources }: Measurement): string[] {
  if (item.measure !== 'parts') return [];
  // What people claim stands by itself, whatever parts they ticked.
  if (sources.some((source) => source.startsWith('claim:'))) return [];
  const counts = new Set(item.functions.filter(({ role }) => role === 'required').map(({ id }) => id));
  for (const { needs } of item.bands)
    for (const id of [...(needs?.all ?? []), ...(needs?.of ?? [])]) counts.add(id);
  return functions.filter(({ id, state }) => state === 'missing' && counts.has(id)).map(({ id }) => id);
}

function withLacking(
  reason: Bilingual,
  { item, ids }: { readonly item: RubricItem; readonly ids: readonly string[] },
): Bilingual {
  const names = item.functions.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
  if (names.length === 0) return reason;
  return {
    zh: `${reason.zh}；未证实：${names.map(({ zh }) => zh).join('、')}`,
    en: `${reason.en}; not proven: ${names.map(({ en }) => en).join(', ')}`,
  };
}

function byUnits(item: RubricItem, measurement: Measurement): Verdict {
  const parts = item.perUnit.map(({ id, points, condition }) => {
    const count = item.perUnit.length === 1 ? measurement.value : (measurement.quantities?.[id] ?? null);
    return { points, condition, count: wholeNumber(item, count) };
  });
  const sum = parts.reduce((points, part) => points + part.count * part.points, 0);
  const earned = Math.min(item.points, sum);
  const capped = sum > item.points;
  const zh = parts.map((part) => `${part.condition.zh} ${part.points} 分 × ${part.count}`).join('，');
  const en = parts.map((part) => `${part.count} × ${part.points} points for ${part.condition.en}`).join(', ');
  return {
    points: exactly(earned),
    conventionPoints: null,
    band: null,
    reason: {
      zh: capped ? `${zh}，以 ${item.points} 分为限` : zh,
      en: capped ? `${en}, at most ${item.points}` : en,
    },
  };
}

function byDeduction(item: RubricItem, measurement: Measurement): Verdict {
  const perMissing = item.deduction?.perMissing ?? 0;
  const missing = wholeNumber(item, measurement.value);
  const points = Math.max(item.deduction?.floor ?? 0, item.points - missing * perMissing);
  return {
    points: exactly(points),
    conventionPoints: null,
    band: (missing === 0 ? item.bands[0] : item.bands.at(-1))?.id ?? null,
    reason: {
      zh: `缺 ${missing} 项，每项扣 ${perMissing} 分`,
      en: `${missing} missing, ${perMissing} off for each`,
    },
  };
}

function byRange(item: RubricItem, measurement: Measurement): Verdict {
  const values = valuesOf(item, measurement);
  const found = values
    .map(({ unit, value }) => bandOfValue(item, unit, value))
    .reduce((best, index) => Math.min(best, index), item.bands.length - 1);
  const tally = item.functionsLimitBand ? tallyFunctions(item, measurement) : null;
  const band = bandAt(item, Math.max(found, tally?.band ?? 0));
  const limited = tally !== null && tally.band > found;
  const figures = values.map(({ unit, value }) => quantityText(value, unit));
  const zh = `${figures.map((figure) => figure.zh).join('，')}：${band.condition.zh}`;
  const en = `${figures.map((figure) => figure.en).join(', ')}: ${band.condition.en}`;
  const functions = limited ? shownTally(tally) : null;
  return {
    points: band.points,
    conventionPoints: inside(item, band, () => linearPoints(band, values)),
    band: band.id,
    reason: functions === null ? { zh, en } : { zh: `${zh}；${functions.zh}`, en: `${en}; ${functions.en}` },
  };
}

function byFunctions(item: RubricItem, measurement: Measurement): Verdict {
  const tally = tallyFunctions(item, measurement);
  const band = bandAt(item, tally.band);
  const { min, max } = band.points;
  const shown = shownTally(tally);
  return {
    points: band.points,
    conventionPoints: inside(item, band, () => min + ((max - min) * tally.proven) / tally.of),
    band: band.id,
    reason: { zh: `${shown.zh}：${band.condition.zh}`, en: `${shown.en}: ${band.condition.en}` },
  };
}

function tallyFunctions(item: RubricItem, measurement: Measurement): FunctionTally {
  const states = new Map((measurement.functions ?? []).map(({ id, state }) => [id, state]));
  for (const id of states.keys()) {
    if (!item.functions.some((known) => known.id === id)) throw new Error(`${item.id} has no function ${id}`);
  }
  const counted = item.functions.filter(({ id, role }) => {
    if (role !== 'optional' && !states.has(id)) throw new Error(`${item.id}: nothing is said of ${id}`);
    return role !== 'optional' && states.get(id) !== 'not-applicable';
  });
  if (counted.length === 0)
    throw new Error(`${item.id}: no function applies, so the verdict is not sufficient`);
  const proven = counted.filter(({ id }) => states.get(id) === 'proven');
  const lacksEssential = counted.some((entry) => entry.role === 'essential' && !proven.includes(entry));
  const earnsAlone = proven.some(({ role }) => role === 'required');
  const last = item.bands.length - 1;
  const partial = Math.min(1, last);
  const band = lacksEssential || !earnsAlone ? last : proven.length === counted.length ? 0 : partial;
  return { proven: proven.length, of: counted.length, band };
}

/** The numbers that the bands of the item can be asked with. */
function valuesOf(item: RubricItem, measurement: Measurement): { unit: string; value: number }[] {
  const units = new Set(item.bands.flatMap((band) => band.ranges.map((range): string => range.unit)));
  const values: { unit: string; value: number }[] = [];
  if (measurement.value !== null) values.push({ unit: measurement.unit, value: measurement.value });
  for (const [unit, value] of Object.entries(measurement.quantities ?? {})) {
    if (unit !== measurement.unit || measurement.value === null) values.push({ unit, value });
  }
  for (const { unit, value } of values) {
    if (!units.has(unit)) throw new Error(`${item.id} is not measured in ${unit}`);
    if (!Number.isFinite(value)) throw new Error(`${item.id}: ${value} is no value`);
    if (isWholeUnit(unit) && !Number.isInteger(value)) throw new Error(`${item.id}: ${value} is no count`);
  }
  if (values.length === 0) throw new Error(`${item.id}: a sufficient measurement has a value`);
  return values;
}

/** Index of the band that a value falls into. */
function bandOfValue(item: RubricItem, unit: string, value: number): number {
  const index = item.bands.findIndex((band) =>
    band.ranges.some((range) => range.unit === unit && contains(range, value)),
  );
  if (index >= 0) return index;
  if (item.gap !== undefined && item.gap.unit === unit && contains(item.gap, value)) {
    return item.bands.findIndex((band) => band.id === item.gap?.band);
  }
  throw new Error(`${item.id}: ${value} ${unit} falls into no band`);
}

type Bounds = Pick<Range, 'min' | 'minInclusive' | 'max' | 'maxInclusive'>;

function contains({ min, minInclusive, max, maxInclusive }: Bounds, value: number): boolean {
  const above = min === null || value > min || (minInclusive && value === min);
  const below = max === null || value < max || (maxInclusive && value === max);
  return above && below;
}

function inside(item: RubricItem, band: Band, compute: () => number): number | null {
  if (band.points.min === band.points.max || item.insideBand === 'assessor') return null;
  return Math.round(compute() * 100) / 100;
}

/** The best linear position of any value within the band; outside it the nearer end. */
function linearPoints(band: Band, values: readonly { unit: string; value: number }[]): number {
  const shares = values.flatMap(({ unit, value }) =>
    band.ranges.filter((range) => range.unit === unit).map((range) => shareWithin(range, value)),
  );
  return band.points.min + (band.points.max - band.points.min) * Math.max(0, ...shares);
}

function shareWithin(range: Range, value: number): number {
  const { min, max } = range;
  if (min === null || max === null) return 0;
  const whole = isWholeUnit(range.unit);
  const low = whole && !range.minInclusive ? min + 1 : min;
  const high = whole && !range.maxInclusive ? max - 1 : max;
  return high === low ? 1 : Math.min(1, Math.max(0, (value - low) / (high - low)));
}

function bandAt(item: RubricItem, index: number): Band {
  const band = item.bands[index];
  if (band === undefined) throw new Error(`${item.id} has no band ${index}`);
  return band;
}

function wholeNumber(item: RubricItem, value: number | null): number {
  if (value === null || !Number.isSafeInteger(value) || value < 0) {
    throw new Error(`${item.id}: ${value} is no number of things`);
  }
  return value;
}

function exactly(points: number): PointRange {
  return { min: points, max: points };
}

function shownTally({ proven, of }: FunctionTally): Bilingual {
  return { zh: `${of} 项功能中已证实 ${proven} 项`, en: `${proven} of ${of} functions proven` };
}
