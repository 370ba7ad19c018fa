import { checkSeals } from './chain-check.ts';
import { readPack, type Finding, type Pack } from './pack-form.ts';
import { checkRecord, type RecordVerdict } from './record-check.ts';
import { checkWitness, type WitnessVerdict } from './witness.ts';

export interface Verdict {
  /** True when every check held. */
  readonly holds: boolean;
  /** Null when the file is no pack at all. */
  readonly pack: Pack | null;
  /** Against the pack as a whole. */
  readonly findings: readonly Finding[];
  readonly records: readonly RecordVerdict[];
  readonly witness: WitnessVerdict | null;
}

export interface VerifyOptions {
  /** Text of a file with heads seen earlier. */
  readonly witness?: string | undefined;
  /** The key id that the park is known by. */
  readonly keyId?: string | undefined;
}

/** Checks every byte of an evidence pack, and computes every score in it anew. Never throws for what the text holds. */
export function verifyPack(text: string, { witness, keyId }: VerifyOptions = {}): Verdict {
  const pack = readPack(text);
  if (!('format' in pack)) return { holds: false, pack: null, findings: [pack], records: [], witness: null };
  const records = pack.chain.flatMap(({ seq, body }) =>
    body === undefined ? [] : [checkRecord(pack, { seq, text: body })],
  );
  const findings = [...checkSeals(pack), ...checkKeyId(pack, keyId), ...checkContent(pack, records)];
  const witnessed = witness === undefined ? null : checkWitness(pack, witness);
  const holds =
    findings.length === 0 &&
    records.every((record) => record.findings.length === 0) &&
    (witnessed === null || witnessed.findings.length === 0);
  return { holds, pack, findings, records, witness: witnessed };
}

function checkKeyId(pack: Pack, keyId: string | undefined): Finding[] {
  if (keyId === undefined || keyId === pack.keyId) return [];
  return [{ zh: `密钥是 ${pack.keyId}，而不是 ${keyId}`, en: `The key is ${pack.keyId}, not ${keyId}` }];
}

/** A pack holds evidence, and no text that nothing refers to. */
function checkContent(pack: Pack, records: readonly RecordVerdict[]): Finding[] {
  if (records.length === 0) return [{ zh: '证据包内没有证据', en: 'The pack holds no evidence' }];
  const used = new Set(records.flatMap(({ body }) => body?.inputs.map(({ sha256 }) => sha256) ?? []));
  const unused = Object.keys(pack.inputs).filter((hash) => !used.has(hash));
  if (unused.length === 0) return [];
  return [
    { zh: `${unused.length} 个输入不属于任何证据`, en: `${unused.length} inputs belong to no evidence` },
  ];
}
