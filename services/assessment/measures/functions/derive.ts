import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { PartProof, Proof } from '#schemas/rubric-proof.ts';
import type { RequiredFunction, RubricItem } from '#schemas/rubric.ts';
import { dayRanges, liveMember, type PlacedDevice } from '../../live.ts';
import { defineItemDerivation, populationOf, unwatchedDays, type Member } from '../../measure.ts';
import type { FunctionsFacts } from './facts.ts';
import { judgeProof, type ProofVerdict, type Witness } from './judge.ts';

/** A function with what came of its proofs; empty where the item names none. */
export interface JudgedFunction {
  readonly function: RequiredFunction;
  readonly verdicts: readonly ProofVerdict[];
  readonly proven: boolean;
  readonly reason: Bilingual;
}

const noProof = { zh: '没有规定可以证实它的记录', en: 'Nothing is named that would prove it' };
const otherValue = {
  zh: '有记录，但不是同一个凭证',
  en: 'It happened, though not with the same credential',
};

/** Whether the proof is one that this measure knows itself; the others are of items that are measured by their parts. */
export const isFunctionProof = (proof: PartProof): proof is Proof => proof.kind !== 'found';

export function judgeFunctions(facts: FunctionsFacts, item: RubricItem): JudgedFunction[] {
  const context = {
    devices: new Map(facts.devices.map((device) => [device.deviceId, device])),
    days: dayRanges(facts.days),
    to: facts.to,
  };
  const found = new Map(facts.functions.map((entry) => [entry.id, entry.proofs]));
  return item.functions.map((entry) => {
    const proofs = (entry.proofs ?? []).filter(isFunctionProof);
    const proofFacts = found.get(entry.id) ?? [];
    if (proofs.length !== proofFacts.length)
      throw new Error(`${entry.id}: the facts are not of these proofs`);
    const verdicts = proofs.flatMap((proof, index) => {
      const own = proofFacts[index];
      return own === undefined ? [] : [judgeProof(proof, own, context)];
    });
    const held = verdicts.find(({ holds }) => holds);
    const isShared = facts.shared === null || facts.shared.functions.includes(entry.id);
    const reasons = verdicts.map(({ reason }) => reason);
    return {
      function: entry,
      verdicts,
      proven: held !== undefined && isShared,
      reason: held === undefined ? joined(reasons, noProof) : isShared ? held.reason : otherValue,
    };
  });
}

function joined(texts: readonly Bilingual[], otherwise: Bilingual): Bilingual {
  if (texts.length === 0) return otherwise;
  return { zh: texts.map(({ zh }) => zh).join('；'), en: texts.map(({ en }) => en).join('; ') };
}

/** Functions that are counted; of an item that lists only examples, all of those that a proof is named for. */
function countedOf(item: RubricItem, judged: readonly JudgedFunction[]): JudgedFunction[] {
  const counted = judged.filter((entry) => entry.function.role !== 'optional');
  return counts(item) || counted.length === 0
    ? judged.filter(({ verdicts }) => verdicts.length > 0)
    : counted;
}

/** Whether the item counts kinds of functions instead of asking for each of a list. */
function counts(item: RubricItem): boolean {
  return item.bands.some(({ ranges }) => ranges.some(({ unit }) => unit === 'functions'));
}

function whatIsMissing(
  facts: FunctionsFacts,
  item: RubricItem,
  judged: readonly JudgedFunction[],
): Bilingual[] {
  const counted = countedOf(item, judged);
  const open = counted.filter(({ proven }) => !proven);
  const services = open.flatMap(({ verdicts }) =>
    verdicts.flatMap(({ live }) =>
      live.filter(({ standing }) => standing !== 'excluded').map(({ device }) => device.service),
    ),
  );
  // What is proven is proven, whatever nobody saw on other days.
  const unwatched = open.length === 0 || services.length === 0 ? [] : unwatchedDays(facts.days, services);
  if (unwatched.length > 0) return unwatched;
  // What only supports others decides nothing alone.
  const decides = ({ function: { role }, proven, verdicts }: JudgedFunction) =>
    (proven && role !== 'supporting') || verdicts.some(({ judged: found }) => found);
  // Of an item that is earned whole or not at all, what is not known of one function decides as much as the others.
  const isWhole = item.kind === 'boolean' && !item.graded;
  const lacking = isWhole ? open.filter((entry) => !decides(entry)) : counted;
  if (isWhole ? lacking.length === 0 : counted.some(decides)) return [];
  return lacking.map(({ function: { name }, reason }) => ({
    zh: `${name.zh}：${reason.zh}`,
    en: `${name.en}: ${reason.en}`,
  }));
}

/** Every device that plays a part, each once: what counts for it goes before what does not. */
export function membersOf(facts: FunctionsFacts, judged: readonly JudgedFunction[]): Member[] {
  const devices = new Map(facts.devices.map((device) => [device.deviceId, device]));
  const found = new Map<string, Member>();
  const add = (member: Member) => {
    const before = found.get(member.deviceId);
    if (before === undefined || rank(member) < rank(before)) found.set(member.deviceId, member);
  };
  for (const { verdicts } of judged) {
    for (const { live, witnesses } of verdicts) {
      for (const entry of live) add(liveMember(entry));
      for (const witness of witnesses) {
        const device = devices.get(witness.deviceId);
        if (device !== undefined) add(witnessMember(device, witness));
      }
    }
  }
  return [...found.values()].toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
}

function rank({ standing }: Member): number {
  return { counted: 0, 'not-counted': 1, excluded: 2 }[standing];
}

function witnessMember(device: PlacedDevice, { holds, reason, point }: Witness): Member {
  const { deviceId, name, provenance } = device;
  return {
    deviceId,
    name,
    class: device.class,
    provenance,
    standing: holds ? 'counted' : 'not-counted',
    noted: false,
    reason,
    point,
  };
}

function derive(facts: FunctionsFacts, item: RubricItem): Measurement {
  const judged = judgeFunctions(facts, item);
  const missing = whatIsMissing(facts, item, judged);
  const verdicts = judged.flatMap((entry) => entry.verdicts);
  const live = verdicts.flatMap((verdict) => verdict.live).filter(({ standing }) => standing !== 'excluded');
  const days = live.reduce((sum, entry) => sum + entry.days, 0);
  const goodDays = live.reduce((sum, entry) => sum + entry.goodDays, 0);
  const sufficient = missing.length === 0;
  const proven = countedOf(item, judged).filter((entry) => entry.proven);
  const best = item.bands[0];
  return {
    value: counts(item) && sufficient ? proven.length : null,
    unit: 'functions',
    functions: judged
      .filter(({ verdicts: own, function: { role } }) => own.length > 0 || role !== 'optional')
      .map((entry) => ({
        id: entry.function.id,
        state: entry.proven ? ('proven' as const) : ('missing' as const),
        reason: entry.reason,
      })),
    // An item that accepts any one of its functions has no number and no share: the measure names the band.
    ...(item.graded && sufficient && proven.length > 0 && best !== undefined ? { grade: best.id } : {}),
    population: populationOf(membersOf(facts, judged)),
    completeness: days === 0 ? null : goodDays / days,
    sources: [...new Set(verdicts.flatMap(({ sources }) => sources))],
    verdict: sufficient ? 'sufficient' : 'insufficient',
    missing,
  };
}

/**
 * Which functions of an item work in this park, by the proofs that the item names: readings, events of devices and
 * adapters, delivered alarms, confirmed commands. What nobody outside confirms is not proven.
 */
export const functions = defineItemDerivation<FunctionsFacts>({
  id: 'functions',
  version: 1,
  derive,
  members: (facts, item) => membersOf(facts, judgeFunctions(facts, item)),
});
