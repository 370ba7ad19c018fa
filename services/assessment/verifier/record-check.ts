import type { Score } from '#schemas/assessment.ts';
import { conventionOf } from '#schemas/convention.ts';
import type { Rubric } from '#schemas/rubric.ts';
import { documentsIn } from '../documents.ts';
import { evidenceVersion, type EvidenceBody, type InputRef } from '../evidence-body.ts';
import { countProvenance, isDemo, type Facts, type Member } from '../measure.ts';
import { attest } from '../measures/attestation/derive.ts';
import { derivations } from '../measures/derivations.ts';
import { mayStand, score } from '../score.ts';
import { canonical } from './canonical.ts';
import { isKnownRubric } from './known-rubrics.ts';
import { factTables } from './fact-tables.ts';
import {
  attachmentPath,
  inputPath,
  isRecord,
  populationPath,
  tablePath,
  type Finding,
  type Manifest,
} from './pack-form.ts';
import { sha256, type VerifierPlatform } from './platform.ts';
import { populationTable } from './tables.ts';

/** What a record is checked against. */
export interface RecordContext {
  readonly manifest: Manifest;
  readonly platform: VerifierPlatform;
  /** SHA-256 and size of every file that the archive really holds; null where it cannot be unpacked. */
  readonly digests: ReadonlyMap<string, string | null>;
  /** Null when there is no such file, or it is not readable text. */
  readonly readText: (path: string) => Promise<string | null>;
  /** Texts read before: most records share one rubric. */
  readonly rubrics: Map<string, Rubric>;
  /** Paths of the tables that follow from inputs read before, by the input's hash. */
  readonly tables: Map<string, readonly string[]>;
}

/** What came of one evidence row. */
export interface RecordVerdict {
  readonly seq: number;
  /** Null when the body cannot even be read. */
  readonly body: EvidenceBody | null;
  /** As computed anew here. */
  readonly score: Score | null;
  /** Of the members computed anew; `foreign` are those whose data are not from the field. */
  readonly counts: { readonly counted: number; readonly of: number; readonly foreign: number };
  readonly rubric: Rubric | null;
  readonly findings: readonly Finding[];
  /** Worth knowing, and no failure. */
  readonly notes: readonly Finding[];
}

const noMembers = { counted: 0, of: 0, foreign: 0 };
const unreadable = { zh: '正文不是本格式的证据', en: 'The body is no evidence of this form' };

/** Checks the body and inputs of one row, and computes its measurement and score anew from the inputs. */
export async function checkRecord(
  context: RecordContext,
  { seq, text }: { seq: number; text: string },
): Promise<RecordVerdict> {
  const empty = { seq, body: null, score: null, counts: noMembers, rubric: null, notes: [] };
  let body: EvidenceBody;
  try {
    const value: unknown = JSON.parse(text);
    if (!isEvidenceBody(value) || canonical(value) !== text) return { ...empty, findings: [unreadable] };
    body = value;
  } catch {
    return { ...empty, findings: [unreadable] };
  }
  try {
    const facts = await inputOf(context, body, 'facts');
    const rubric = await inputOf(context, body, 'rubric');
    const isClaimed = body.inputs.some(({ name }) => name === 'claims');
    const claims = isClaimed ? await inputOf(context, body, 'claims') : null;
    return recompute(context, { seq, body, facts, claims, rubricText: rubric });
  } catch (error) {
    const { message } = error as Error;
    const said = error instanceof Uncomputable ? error.said : { zh: message, en: message };
    const finding = { zh: `无法重新计算：${said.zh}`, en: `It cannot be computed anew: ${said.en}` };
    return { ...empty, body, findings: [finding] };
  }
}

/** Why a record cannot be computed anew, as far as people can be told; what a measure throws is its own English. */
class Uncomputable extends Error {
  readonly said: Finding;
  constructor(said: Finding) {
    super(said.en);
    this.said = said;
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

function rubricIn({ rubrics }: RecordContext, text: string): Rubric {
  const rubric = rubrics.get(text) ?? (JSON.parse(text) as Rubric);
  rubrics.set(text, rubric);
  return rubric;
}

function countsOf(members: readonly Member[]): RecordVerdict['counts'] {
  return {
    counted: members.filter(({ standing }) => standing === 'counted').length,
    of: members.filter(({ standing }) => standing !== 'excluded').length,
    foreign: members.filter(({ provenance }) => provenance !== 'field').length,
  };
}

interface Recomputed {
  readonly seq: number;
  readonly body: EvidenceBody;
  readonly facts: string;
  /** Of an item that an approved claim decides; else null. */
  readonly claims: string | null;
  readonly rubricText: string;
}

/** @throws Uncomputable when the rubric does not have the item, or this verifier not the measure */
function knownParts(rubric: Rubric, body: EvidenceBody) {
  const item = rubric.items.find(({ id }) => id === body.item);
  const derivation = derivations.get(body.versions.measure);
  if (item === undefined) {
    throw new Uncomputable({
      zh: `评分细则没有评分项 ${body.item}`,
      en: `the rubric has no item ${body.item}`,
    });
  }
  if (derivation === undefined || derivation.version !== body.versions.measureVersion) {
    const { measure, measureVersion, program } = body.versions;
    throw new Uncomputable({
      zh: `本校验程序不认识测算 ${measure} 的第 ${measureVersion} 版，请用程序 ${program} 附带的校验程序`,
      en: `this verifier does not know ${measure} version ${measureVersion}; use the one of ${program}`,
    });
  }
  return { item, derivation };
}

function recompute(context: RecordContext, given: Recomputed): RecordVerdict {
  const { manifest, platform, digests } = context;
  const { seq, body, rubricText } = given;
  const findings: Finding[] = [];
  const expect = (holds: boolean, zh: string, en: string) => {
    if (!holds) findings.push({ zh, en });
  };
  const facts = JSON.parse(given.facts) as Facts;
  const rubric = rubricIn(context, rubricText);
  const { item, derivation } = knownParts(rubric, body);
  const members = derivation.members(facts, item);
  const found = derivation.derive(facts, item);
  const computed = { measurement: found, score: score(item, found) };
  const claims: unknown = given.claims === null ? null : JSON.parse(given.claims);
  const { measurement, score: earned } = claims === null ? computed : attest(item, claims);
  const same = (a: unknown, b: unknown) => canonical(a) === canonical(b);
  const { from, to, asOf, timeZone } = facts;
  expect(body.park === manifest.park, '园区与证据包不符', 'The park is not that of the pack');
  expect(
    body.rubric === manifest.rubric && body.rubric === rubric.id,
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
  const { decided } = body;
  expect(
    decided === undefined || (Number.isFinite(decided.points) && mayStand(earned, decided.points)),
    '评审裁定的分值不在评分细则留出的范围内',
    'What was decided does not lie in the range that the rubric leaves',
  );
  const beside = claims === null ? null : computed;
  expect(
    same(body.computed ?? null, beside) && (claims === null || measurement.verdict === 'sufficient'),
    '申报与测算结果不符',
    'What stands beside the claim does not follow from the inputs',
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
  const table = populationPath(seq);
  expect(
    digests.get(table) === sha256(platform, populationTable(members)),
    `${table} 与输入不符`,
    `${table} does not follow from the inputs`,
  );
  for (const missing of wrongTables(context, body, { facts, claims })) {
    expect(false, `${missing} 与输入不符`, `${missing} does not follow from the inputs`);
  }
  for (const { sha256: hash } of documentsIn([facts, claims])) {
    const path = attachmentPath(hash);
    expect(
      digests.get(path) === hash,
      `附件 ${path} 缺失或被改动`,
      `The attachment ${path} is missing or was changed`,
    );
  }
  const notes = isKnownRubric(rubric, sha256(platform, rubricText))
    ? []
    : [
        {
          zh: '评分细则文本与本校验程序所知的不同，请核对',
          en: 'The text of the rubric is not one that this verifier knows: compare it',
        },
      ];
  return { seq, body, score: earned, counts: countsOf(members), rubric, findings, notes };
}

/** Tables of the inputs that are missing, or say something else. */
function wrongTables(
  { digests, platform, tables }: RecordContext,
  { inputs }: EvidenceBody,
  contents: Readonly<Partial<Record<InputRef['name'], unknown>>>,
): string[] {
  return inputs.flatMap(({ name, sha256: hash }) => {
    const content = contents[name];
    // Inputs that records share are told once.
    if (content === undefined || content === null || tables.has(hash)) return [];
    const made = factTables(content).map((table) => ({ ...table, path: tablePath(hash, table.name) }));
    tables.set(
      hash,
      made.map(({ path }) => path),
    );
    return made.flatMap(({ path, text }) => (digests.get(path) === sha256(platform, text) ? [] : [path]));
  });
}

/** @throws Uncomputable when the input is not there, or not the one whose hash was sealed */
async function inputOf(
  { readText, platform }: RecordContext,
  body: EvidenceBody,
  name: InputRef['name'],
): Promise<string> {
  const ref = body.inputs.find((input) => input.name === name);
  const text = ref === undefined ? null : await readText(inputPath(ref.sha256));
  if (ref === undefined || text === null) {
    const where = ref === undefined ? name : inputPath(ref.sha256);
    throw new Uncomputable({
      zh: `输入 ${where} 缺失或无法读取`,
      en: `the input ${where} is missing or cannot be read`,
    });
  }
  if (sha256(platform, text) !== ref.sha256 || new TextEncoder().encode(text).length !== ref.bytes) {
    throw new Uncomputable({
      zh: `输入 ${inputPath(ref.sha256)} 不是封存时的内容`,
      en: `the input ${inputPath(ref.sha256)} is not the one that was sealed`,
    });
  }
  return text;
}
