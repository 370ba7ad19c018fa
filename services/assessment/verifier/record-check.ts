import type { Score } from '#schemas/assessment.ts';
import { conventionOf } from '#schemas/convention.ts';
import type { Rubric } from '#schemas/rubric.ts';
import { evidenceVersion, type EvidenceBody } from '../evidence-body.ts';
import { countProvenance, isDemo, type Facts, type Member } from '../measure.ts';
import { derivations } from '../measures/derivations.ts';
import { score } from '../score.ts';
import { canonical, sha256 } from './canonical.ts';
import { isKnownRubric } from './known-rubrics.ts';
import { isRecord, type Finding, type Pack } from './pack-form.ts';

/** What came of one evidence row. */
export interface RecordVerdict {
  readonly seq: number;
  /** Null when the body cannot even be read. */
  readonly body: EvidenceBody | null;
  /** As computed anew here. */
  readonly score: Score | null;
  readonly members: readonly Member[];
  readonly rubric: Rubric | null;
  readonly findings: readonly Finding[];
  /** Worth knowing, and no failure. */
  readonly notes: readonly Finding[];
}

const unreadable = { zh: '正文不是本格式的证据', en: 'The body is no evidence of this form' };

/** Checks the body and inputs of one row, and computes its measurement and score anew from the inputs. */
export function checkRecord(pack: Pack, { seq, text }: { seq: number; text: string }): RecordVerdict {
  const empty = { seq, body: null, score: null, members: [], rubric: null, notes: [] };
  let body: EvidenceBody;
  try {
    const value: unknown = JSON.parse(text);
    if (!isEvidenceBody(value) || canonical(value) !== text) return { ...empty, findings: [unreadable] };
    body = value;
  } catch {
    return { ...empty, findings: [unreadable] };
  }
  try {
    return recompute(pack, seq, body);
  } catch (error) {
    const { message } = error as Error;
    const finding = { zh: `无法重新计算：${message}`, en: `It cannot be computed anew: ${message}` };
    return { ...empty, body, findings: [finding] };
  }
}

/** Only what the report needs; everything else is compared with what is computed anew. */
function isEvidenceBody(value: unknown): value is EvidenceBody {
  if (!isRecord(value) || value['v'] !== evidenceVersion) return false;
  const { name, period, inputs } = value;
  return (
    isRecord(name) &&
    isRecord(period) &&
    isRecord(value['versions']) &&
    Array.isArray(inputs) &&
    inputs.every((input) => isRecord(input) && typeof input['sha256'] === 'string')
  );
}

function recompute(pack: Pack, seq: number, body: EvidenceBody): RecordVerdict {
  const findings: Finding[] = [];
  const expect = (holds: boolean, zh: string, en: string) => {
    if (!holds) findings.push({ zh, en });
  };
  const facts = JSON.parse(inputOf(pack, body, 'facts')) as Facts;
  const rubricText = inputOf(pack, body, 'rubric');
  const rubric = JSON.parse(rubricText) as Rubric;
  const item = rubric.items.find(({ id }) => id === body.item);
  const derivation = derivations.get(body.versions.measure);
  if (item === undefined) throw new Error(`the rubric has no item ${body.item}`);
  if (derivation === undefined || derivation.version !== body.versions.measureVersion) {
    const { measure, measureVersion } = body.versions;
    throw new Error(
      `this verifier does not know ${measure} version ${measureVersion}; use the one of ${body.versions.program}`,
    );
  }
  const measurement = derivation.derive(facts, item);
  const members = derivation.members(facts, item);
  const earned = score(item, measurement);
  const same = (a: unknown, b: unknown) => canonical(a) === canonical(b);
  const { from, to, asOf, timeZone } = facts;
  expect(body.park === pack.park, '园区与证据包不符', 'The park is not that of the pack');
  expect(
    body.rubric === pack.rubric && body.rubric === rubric.id,
    '评分细则不符',
    'The rubric is another one',
  );
  expect(
    same(body.period, { from, to, timeZone }) && body.asOf === asOf,
    '评估期与输入不符',
    'The period is not that of the inputs',
  );
  expect(item.measure === body.versions.measure, '测算与评分项不符', 'The measure is not that of the item');
  expect(
    same(body.measurement, measurement),
    '测量结果与输入不符',
    'The measurement does not follow from the inputs',
  );
  expect(
    same(body.score, earned) && body.basis === earned.basis,
    '得分与测量结果不符',
    'The score does not follow from the measurement',
  );
  expect(
    body.demo === isDemo(members),
    '演示标记与输入不符',
    'The demo mark does not follow from the inputs',
  );
  expect(
    same(body.provenance, countProvenance(members)),
    '来源统计与输入不符',
    'The provenance does not follow from the inputs',
  );
  const shown = {
    edition: rubric.edition,
    clause: item.clause,
    name: item.name,
    maximum: item.points,
    convention: conventionOf(rubric, item),
  };
  const { edition, clause, name, maximum, convention } = body;
  expect(
    same(shown, { edition, clause, name, maximum, convention }),
    '条款信息与评分细则不符',
    'Clause, name or points are not those of the rubric',
  );
  const notes = isKnownRubric(rubric, sha256(rubricText))
    ? []
    : [
        {
          zh: '评分细则文本与本校验程序所知的不同，请核对',
          en: 'The text of the rubric is not one that this verifier knows: compare it',
        },
      ];
  return { seq, body, score: earned, members, rubric, findings, notes };
}

/** @throws Error when the input is not there, or not the one whose hash was sealed */
function inputOf(pack: Pack, body: EvidenceBody, name: 'facts' | 'rubric'): string {
  const ref = body.inputs.find((input) => input.name === name);
  const text = ref === undefined ? undefined : pack.inputs[ref.sha256];
  if (ref === undefined || text === undefined) throw new Error(`the input ${name} is not in the pack`);
  if (sha256(text) !== ref.sha256 || Buffer.byteLength(text) !== ref.bytes) {
    throw new Error(`the input ${name} is not the one that was sealed`);
  }
  return text;
}
