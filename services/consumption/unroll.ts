import {
  dipLimit,
  isPlausible,
  judgeStep,
  type CounterFacts,
  type Judgement,
  type Mark,
  type RegisterSample,
  type Replacement,
  type Step,
} from './judge.ts';

/** What a person decided about an implausible step. */
export type Decision =
  /** The step between these two samples is right as it is. */
  | { readonly kind: 'accept'; readonly fromUs: number; readonly toUs: number }
  /** This sample is wrong. */
  | { readonly kind: 'leave-out'; readonly timeUs: number };

/** All that the arithmetic of one counter depends on, beside its samples. */
export interface CounterContext {
  readonly facts: CounterFacts;
  readonly replacements: readonly Replacement[];
  readonly decisions: readonly Decision[];
}

/** A sample that does not count, and who says so: the outlier rule, or a person. */
export interface LeftOut {
  readonly timeUs: number;
  readonly value: number;
  readonly reason: 'outlier' | 'left-out';
}

/**
 * A counter as one rising line: `steps[i]` leads from `marks[i]` to `marks[i + 1]`. Between jumps the line is the marks'
 * `register`; over a jump it rises by `counted`. The offset of DESIGN §6 is kept as these parts and never summed up, so
 * what happened before an interval cannot change the last bit of its consumption.
 */
export interface Unrolled {
  readonly marks: readonly Mark[];
  readonly steps: readonly Step[];
  readonly leftOut: readonly LeftOut[];
  /**
   * Times of the samples that a step other than plain forward, or an implausible one, was judged by: both of its
   * samples and a neighbour on either side. Whoever drops samples keeps these.
   */
  readonly witnessesUs: ReadonlySet<number>;
  /**
   * From here on the result is the same whatever was sampled before the first sample given; null when it may be
   * another one throughout.
   */
  readonly settledFromUs: number | null;
}

type Candidate = Omit<Mark, 'register'>;

/**
 * Unrolls a counter (DESIGN §6). Samples may come in any order and more than once; bad ones are left out.
 * @throws Error when two samples of one time differ (the store holds one reading a time)
 */
export function unroll(samples: readonly RegisterSample[], context: CounterContext): Unrolled {
  const { candidates, leftOut } = readSamples(samples, context);
  const walk = createWalk(candidates, context, leftOut);
  for (let at = 0; at < candidates.length; at += 1) walk.take(at);
  return {
    marks: walk.marks,
    steps: walk.steps,
    leftOut: leftOut.toSorted((a, b) => a.timeUs - b.timeUs),
    witnessesUs: walk.witnessesUs,
    settledFromUs: settledFrom(candidates, context.facts),
  };
}

/** In order, each time once; a sample given twice is one sample. */
export function inOrder(samples: readonly RegisterSample[]): readonly RegisterSample[] {
  const isSorted = samples.every((sample, at) => at === 0 || (samples[at - 1]?.timeUs ?? 0) < sample.timeUs);
  if (isSorted) return samples;
  const sorted = samples.toSorted((a, b) => a.timeUs - b.timeUs);
  return sorted.filter((sample, at) => {
    const before = sorted[at - 1];
    if (before?.timeUs !== sample.timeUs) return true;
    if (before.value === sample.value && before.quality === sample.quality) return false;
    throw new Error(`Two samples of ${sample.timeUs} µs differ`);
  });
}

function readSamples(
  samples: readonly RegisterSample[],
  { replacements, decisions }: CounterContext,
): { candidates: Candidate[]; leftOut: LeftOut[] } {
  const refused = new Set(
    decisions.flatMap((decision) => (decision.kind === 'leave-out' ? decision.timeUs : [])),
  );
  const ordered = inOrder(samples);
  const leftOut: LeftOut[] = [];
  const candidates: Candidate[] = [];
  const recorded = replacements.toSorted((a, b) => a.timeUs - b.timeUs);
  let next = 0;
  const insertUpTo = (timeUs: number) => {
    for (let one = recorded[next]; one !== undefined && one.timeUs <= timeUs; one = recorded[next]) {
      const { timeUs: atUs, closing, opening } = one;
      candidates.push({ timeUs: atUs, value: closing, quality: 0, origin: 'closing' });
      candidates.push({ timeUs: atUs, value: opening, quality: 0, origin: 'opening' });
      next += 1;
    }
  };
  for (const sample of ordered) {
    if (sample.quality === 2) continue;
    insertUpTo(sample.timeUs);
    const { timeUs, value } = sample;
    if (refused.has(timeUs)) leftOut.push({ timeUs, value, reason: 'left-out' });
    else candidates.push({ ...sample, origin: 'sample' });
  }
  insertUpTo(Infinity);
  return { candidates, leftOut };
}

/** The walk along the candidates: a stack of marks, because the sample before may turn out to be the wrong one. */
function createWalk(candidates: readonly Candidate[], context: CounterContext, leftOut: LeftOut[]) {
  const { facts } = context;
  const marks: Mark[] = [];
  const steps: Step[] = [];
  const witnessesUs = new Set(leftOut.map(({ timeUs }) => timeUs));
  const accepted = new Set(
    context.decisions.flatMap((decision) =>
      decision.kind === 'accept' ? `${decision.fromUs} ${decision.toUs}` : [],
    ),
  );
  const isVouched = (from: Mark, to: Candidate) =>
    accepted.size > 0 && accepted.has(`${from.timeUs} ${to.timeUs}`);

  const witness = (...wanted: (Candidate | undefined)[]) => {
    for (const one of wanted) if (one?.origin === 'sample') witnessesUs.add(one.timeUs);
  };
  const push = (at: number, candidate: Candidate, judged: Judgement | null) => {
    if (judged !== null) {
      const { kind, counted, claimed, isJump, isAccepted } = judged;
      if ((kind !== 'forward' || isAccepted) && judged.isPlausible) {
        witness(marks.at(-2), marks.at(-1), candidate, candidates[at + 1]);
      }
      steps.push({ kind, counted, claimed, isJump, isAccepted });
    }
    marks.push({ ...candidate, register: judged?.register ?? candidate.value });
  };
  const drop = ({ timeUs, value }: Candidate) => leftOut.push({ timeUs, value, reason: 'outlier' });

  const takeImplausible = (at: number, judged: Judgement, pair: { earlier: Mark; later: Candidate }) => {
    const { earlier, later } = pair;
    const before = marks.at(-2);
    const after = candidates[at + 1];
    witness(before, earlier, later, after);
    if (before !== undefined && earlier.origin === 'sample' && steps.at(-1)?.isAccepted !== true) {
      const bridge = judgeStep(facts, before, later);
      if (isForward(bridge)) {
        drop(earlier);
        marks.pop();
        steps.pop();
        return push(at, later, bridge);
      }
    }
    if (after !== undefined && later.origin === 'sample' && isForward(judgeStep(facts, earlier, after))) {
      return drop(later);
    }
    push(at, later, { ...judged, kind: 'implausible', counted: 0, isJump: true, register: later.value });
  };

  const take = (at: number) => {
    const candidate = candidates[at];
    if (candidate === undefined) return;
    const last = marks.at(-1);
    if (last === undefined) return push(at, candidate, null);
    const judged = judgeStep(facts, last, candidate);
    if (judged.isPlausible) return push(at, candidate, judged);
    if (isVouched(last, candidate)) {
      const kind = judged.kind === 'implausible' ? 'reset' : judged.kind;
      return push(at, candidate, { ...judged, kind, isJump: true, isAccepted: true, isPlausible: true });
    }
    takeImplausible(at, judged, { earlier: last, later: candidate });
  };
  return { marks, steps, witnessesUs, take };
}

function isForward(judged: Judgement): boolean {
  return judged.kind === 'forward' && judged.isPlausible;
}

/**
 * Where the state is certain without knowing what came before the first candidate. Unknown are only whether the first
 * sample of a run of plain forward steps is an outlier, and a highest value up to the dip limit above it, or, when it is
 * an outlier, above the second. A rise of more than that limit from the second on, and then one more step (the neighbour
 * that an outlier is tried with), settles both. So does a replacement.
 */
function settledFrom(candidates: readonly Candidate[], facts: CounterFacts): number | null {
  let second: Candidate | undefined;
  let hasRisen = false;
  for (let at = 1; at < candidates.length; at += 1) {
    const from = candidates[at - 1];
    const to = candidates[at];
    if (from === undefined || to === undefined) return null;
    if (to.origin === 'opening') return to.timeUs;
    const counted = to.value - from.value;
    const elapsedUs = to.timeUs - from.timeUs;
    const isPlain = counted >= 0 && isPlausible(facts, { counted, elapsedUs, register: from.value });
    if (!isPlain) [second, hasRisen] = [undefined, false];
    else if (second === undefined) second = to;
    else if (hasRisen) return to.timeUs;
    else hasRisen = to.value - second.value > dipLimit(second.value, facts);
  }
  return null;
}
