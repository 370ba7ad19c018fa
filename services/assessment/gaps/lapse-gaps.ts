import type { Gap } from '#schemas/api/gaps.ts';
import type { Score } from '#schemas/assessment.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import type { Proof } from '#schemas/rubric-proof.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { addMonths } from '#services/registers/amend.ts';
import type { MeasuredItem } from '../assess.ts';
import { dayRanges } from '../live.ts';
import { attestation, claimInForce, type AttestationFacts } from '../measures/attestation/derive.ts';
import type { FunctionsFacts, ProofFacts } from '../measures/functions/facts.ts';
import { judgeProof, type JudgeContext } from '../measures/functions/judge.ts';
import { isFoundProof } from '../measures/parts/facts.ts';
import { monthsOf, ruleOf, type RecordsFacts } from '../measures/records/facts.ts';
import { outcomeOf } from '../measures/records/shapes.ts';
import { score } from '../score.ts';
import { lapseEffort } from './effort.ts';
import { emptyGap, gained, namedMembers } from './gap.ts';

/** What counts now and soon does not, unless somebody renews it: pure. */

/** So many days ahead are looked at. */
export const soonDays = 60;
const dayMs = 86_400_000;

export interface Soon {
  /** Today, and the last day that is looked at; local. */
  readonly today: string;
  readonly horizon: string;
  /** Records that already go on, or are followed, as `register/code`. */
  readonly renewed: ReadonlySet<string>;
}

export function soonOf(asOfMs: number, timeZone: string): Omit<Soon, 'renewed'> {
  const today = localCalendar(timeZone).dayOf(asOfMs);
  return { today, horizon: shiftDay(today, soonDays) };
}

interface Ending {
  readonly id: string;
  readonly name: string;
  /** The last day on which it counts. */
  readonly day: string;
}

export function lapseGaps(entry: MeasuredItem, soon: Soon): Gap[] {
  if (entry.score.points === null || entry.score.points.max === 0) return [];
  const found = claimLapse(entry, soon) ?? recordLapse(entry, soon);
  return [...(found === null ? [] : [found]), ...functionLapses(entry, soon)];
}

function lapseGap(
  entry: MeasuredItem,
  after: Score,
  { endings, soon }: { readonly endings: readonly Ending[]; readonly soon: Soon },
): Gap | null {
  const [first] = endings.toSorted((a, b) => (a.day < b.day ? -1 : 1));
  const gain = gained(after, entry.score);
  if (first === undefined || gain <= 0) return null;
  const days = Math.round((Date.parse(first.day) - Date.parse(soon.today)) / dayMs);
  return {
    ...emptyGap(entry, after),
    isAtMost: false,
    kind: 'lapse',
    ends: { name: first.name, day: first.day, days },
    members: endings.map(({ id }) => id).slice(0, namedMembers),
    count: endings.length,
    effort: lapseEffort(endings.length),
    gain,
  };
}

const nothing = (entry: MeasuredItem): Score => ({
  ...entry.score,
  points: null,
  conventionPoints: null,
  basis: 'missing',
});

function claimLapse(entry: MeasuredItem, soon: Soon): Gap | null {
  const facts =
    entry.claims ?? (entry.derivation.id === attestation.id ? (entry.facts as AttestationFacts) : null);
  const claim = facts === null ? undefined : claimInForce(facts);
  if (facts === null || claim === undefined || claim.until > soon.horizon) return null;
  const goesOn = facts.claims.some(
    ({ id, state, from, until }) =>
      id !== claim.id && state === 'approved' && from <= shiftDay(claim.until, 1) && until > claim.until,
  );
  if (goesOn) return null;
  const ending = { id: `claim/${claim.id}`, name: claim.statement, day: claim.until };
  return lapseGap(entry, entry.computed?.score ?? nothing(entry), { endings: [ending], soon });
}

/** Records that count and end, or whose event grows too old, before the horizon. */
export function endingRecords({ item, facts, claims }: MeasuredItem, soon: Omit<Soon, 'renewed'>): Ending[] {
  if (item.records === undefined || claims !== null) return [];
  const rule = ruleOf(item);
  const own = facts as RecordsFacts;
  const months = monthsOf(rule);
  const events = new Set(own.registers.filter((register) => register.events).map(({ id }) => id));
  return outcomeOf(own, rule, item).judged.flatMap(({ record, standing }) => {
    if (standing !== 'counted') return [];
    const { kind, code, title, from, until } = record;
    const day = events.has(kind)
      ? months === undefined
        ? null
        : shiftDay(addMonths(from, months), -1)
      : until;
    if (day === null || day < own.toDay || day > soon.horizon) return [];
    return [{ id: `${kind}/${code}`, name: title, day }];
  });
}

function recordLapse(entry: MeasuredItem, soon: Soon): Gap | null {
  const endings = endingRecords(entry, soon).filter(({ id }) => !soon.renewed.has(id));
  if (endings.length === 0) return null;
  const gone = new Set(endings.map(({ id }) => id));
  const facts = entry.facts as RecordsFacts;
  const left = facts.records.filter(({ kind, code }) => !gone.has(`${kind}/${code}`));
  const after = score(entry.item, entry.derivation.derive({ ...facts, records: left }, entry.item));
  return lapseGap(entry, after, { endings, soon });
}

function functionLapses(entry: MeasuredItem, soon: Soon): Gap[] {
  const { item, claims, measurement } = entry;
  const facts = entry.facts as Partial<FunctionsFacts>;
  if (claims !== null || facts.functions === undefined || facts.measure !== 'functions') return [];
  const own = facts as FunctionsFacts;
  const context = {
    devices: new Map(own.devices.map((device) => [device.deviceId, device])),
    days: dayRanges(own.days),
    to: own.to,
  };
  const proven = new Set(
    (measurement.functions ?? []).filter(({ state }) => state === 'proven').map(({ id }) => id),
  );
  const found = own.functions
    .filter(({ id }) => proven.has(id))
    .flatMap(({ id, proofs }) => {
      const definition = item.functions.find((each) => each.id === id);
      const asked = (definition?.proofs ?? []).filter((proof): proof is Proof => !isFoundProof(proof));
      const day = lastDayOf(asked, proofs, { context, timeZone: own.timeZone });
      if (definition === undefined || day === null || day > soon.horizon) return [];
      const after = withoutFunction(entry, id);
      const ending = { id, name: '', day };
      const gap = after === null ? null : lapseGap(entry, after, { endings: [ending], soon });
      return gap === null ? [] : [{ ...gap, function: id, functionName: definition.name, members: [] }];
    });
  return found;
}

/** The last local day on which any proof that holds still holds; null when one of them does not end by itself. */
function lastDayOf(
  proofs: readonly Proof[],
  facts: readonly ProofFacts[],
  { context, timeZone }: { readonly context: JudgeContext; readonly timeZone: string },
): string | null {
  let last: string | null = null;
  for (const [index, proof] of proofs.entries()) {
    const own = facts[index];
    if (own === undefined || !judgeProof(proof, own, context).holds) continue;
    const day = endOf(proof, own, timeZone);
    if (day === null) return null;
    if (last === null || day > last) last = day;
  }
  return last;
}

function endOf(proof: Proof, facts: ProofFacts, timeZone: string): string | null {
  if (facts.kind === 'due') {
    const dates = facts.devices.flatMap(({ date }) => date ?? []);
    return dates.toSorted()[0] ?? null;
  }
  const windowDays = 'windowDays' in proof ? proof.windowDays : undefined;
  if (windowDays === undefined) return null;
  const times =
    'occurrences' in facts
      ? facts.occurrences.map(({ time }) => time)
      : facts.kind === 'publication'
        ? facts.publications.map(({ time }) => time)
        : [];
  const newest = times.toSorted().at(-1);
  return newest === undefined
    ? null
    : shiftDay(localCalendar(timeZone).dayOf(Date.parse(newest) + windowDays * dayMs), -1);
}

/** What an item of functions alone would earn without one of them; null where more than functions decides. */
function withoutFunction({ item, measurement, score: earned }: MeasuredItem, id: string): Score | null {
  if (isDecidedOtherwise(item) || measurement.verdict !== 'sufficient') return null;
  const functions = (measurement.functions ?? []).map((own) =>
    own.id === id ? { ...own, state: 'missing' as const } : own,
  );
  const left = functions.filter(({ state }) => state === 'proven').length;
  // An item whose only function is gone is not known any more.
  if (left === 0) return { ...earned, points: null, conventionPoints: null, basis: 'missing' };
  const counts = item.bands.some(({ ranges }) => ranges.some(({ unit }) => unit === 'functions'));
  return score(item, { ...measurement, functions, ...(counts ? { value: left } : {}) });
}

function isDecidedOtherwise(item: RubricItem): boolean {
  const byNumber = item.bands.some(({ ranges }) => ranges.some(({ unit }) => unit !== 'functions'));
  return byNumber || item.graded || item.bands.length === 0 || item.deduction !== undefined;
}
