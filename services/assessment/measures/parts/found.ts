import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { FoundMeasure, FoundProof } from '#schemas/rubric-proof.ts';
import { quantityText } from '#schemas/rubric-units.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import type { Derivation, Member } from '../../measure.ts';
import { environmentMonitoring } from '../environment-monitoring/derive.ts';
import { recordsMeasure } from '../records/derive.ts';
import { registryMeasure } from '../registry/derive.ts';
import { remoteMetering } from '../remote-metering/derive.ts';
import { spaceCoverage } from '../space-coverage/derive.ts';
import { videoQuality } from '../video-quality/derive.ts';
import { videoRetention } from '../video-retention/derive.ts';
import { givenOf, isFoundProof, questionOf, type FoundQuestion, type PartsFacts } from './facts.ts';

const derivations: Readonly<Record<FoundMeasure, Derivation>> = {
  'remote-metering': remoteMetering,
  'video-retention': videoRetention,
  'video-quality': videoQuality,
  'environment-monitoring': environmentMonitoring,
  'space-coverage': spaceCoverage,
  registry: registryMeasure,
  records: recordsMeasure,
};

/** What came of a proof that another measure's finding is. */
export interface FoundVerdict {
  /** False where the figure is asked of another kind of park. */
  readonly applies: boolean;
  readonly holds: boolean;
  /** The measure came to a verdict, so that "no" is a finding and not a lack of data. */
  readonly judged: boolean;
  readonly reason: Bilingual;
  readonly measurement: Measurement;
  readonly members: readonly Member[];
}

/** What other measures found, by part. @throws Error when the facts are not those of the item's proofs */
export function judgeFound(facts: PartsFacts, item: RubricItem): Map<string, FoundVerdict[]> {
  const asked = item.functions.flatMap(({ id, proofs = [] }) =>
    proofs.filter(isFoundProof).map((proof) => ({ part: id, proof })),
  );
  if (asked.length !== facts.found.length) throw new Error(`${item.id}: the facts are not of these proofs`);
  const verdicts = new Map<string, FoundVerdict[]>();
  for (const [index, { part, proof }] of asked.entries()) {
    const own = facts.found[index];
    if (own?.part !== part) throw new Error(`${item.id}: the facts are not of these proofs`);
    const verdict = judge(facts, proof, { item, input: own.input, given: own.given });
    verdicts.set(part, [...(verdicts.get(part) ?? []), verdict]);
  }
  return verdicts;
}

function judge(
  facts: PartsFacts,
  proof: FoundProof,
  {
    item,
    input,
    given,
  }: { readonly item: RubricItem; readonly input: number; readonly given: number | null },
): FoundVerdict {
  const found = answer(facts, questionOf(item, proof), input);
  const base = { applies: true, holds: false, judged: false, ...found };
  const condition = givenOf(item, proof);
  if (condition !== null) {
    const { measurement } = answer(facts, condition, given ?? -1);
    if (measurement.verdict === 'insufficient') return { ...base, reason: joined(measurement.missing) };
    if (measurement.value === 0) return { ...base, applies: false, reason: otherPark };
  }
  const { measurement } = found;
  if (measurement.verdict === 'insufficient') return { ...base, reason: joined(measurement.missing) };
  return { ...base, judged: true, ...outcome(proof, measurement) };
}

const otherPark = { zh: '此项要求针对另一类园区', en: 'This is asked of another kind of park' };

function answer(facts: PartsFacts, { measure, item }: FoundQuestion, place: number) {
  const input = facts.inputs[place];
  if (input === undefined) throw new Error(`${item.id}: an input is not there`);
  const derivation = derivations[measure];
  return { measurement: derivation.derive(input, item), members: derivation.members(input, item) };
}

function outcome(proof: FoundProof, measurement: Measurement): { holds: boolean; reason: Bilingual } {
  const { function: wanted, bands, least, most } = proof;
  if (wanted !== undefined) {
    const own = measurement.functions?.find(({ id }) => id === wanted);
    if (own === undefined) throw new Error(`${proof.measure} has no function ${wanted}`);
    return { holds: own.state === 'proven', reason: own.reason };
  }
  if (bands !== undefined) {
    const grade = measurement.grade ?? '';
    const { counted, of } = measurement.population;
    return {
      holds: bands.includes(grade),
      reason: { zh: `${counted}/${of}，认定为 ${grade}`, en: `${counted} of ${of}, found ${grade}` },
    };
  }
  const { value, unit } = measurement;
  if (value === null) throw new Error(`${proof.measure} makes no number`);
  const shown = quantityText(value, unit);
  const asked = [least === undefined ? '' : `≥ ${least}`, most === undefined ? '' : `≤ ${most}`]
    .filter((text) => text !== '')
    .join(', ');
  return {
    holds: value >= (least ?? -Infinity) && value <= (most ?? Infinity),
    reason: { zh: `${shown.zh}（需 ${asked}）`, en: `${shown.en} (${asked} asked)` },
  };
}

function joined(texts: readonly Bilingual[]): Bilingual {
  return { zh: texts.map(({ zh }) => zh).join('；'), en: texts.map(({ en }) => en).join('; ') };
}
