/**
 * How one step of a register is judged (DESIGN §6). Pure. Times are epoch microseconds: whole numbers, so that sums and
 * differences of them are exact. Values are in the counter's canonical unit.
 */

/** A reading of a counter as it stands in the store, or a knot. */
export interface RegisterSample {
  /** Epoch µs, a whole number. */
  readonly timeUs: number;
  readonly value: number;
  /** 0 good, 1 uncertain, 2 bad. */
  readonly quality: 0 | 1 | 2;
  /** Only of a knot: how much of the time since the knot before it was covered by readings, µs. */
  readonly coveredUs?: number;
  /** Of a day beyond the horizon that is not closed yet: it stands beside the knots and is none. */
  readonly isLate?: true;
}

/** What is known of a counter beyond its samples. */
export interface CounterFacts {
  /** One unit of the last digit; 0 when nobody said, then there are no dips. */
  readonly resolution: number;
  /** The register wraps to zero here; null when it does not. */
  readonly modulus: number | null;
  /** The most that can be counted in an hour; null when nobody said, then no step is implausible. */
  readonly maxRatePerH: number | null;
  /** How often a value is due, µs. */
  readonly expectedIntervalUs: number;
}

/** A meter was changed: what the old one showed last and the new one first, as a person recorded it. */
export interface Replacement {
  /** Epoch µs; a sample of exactly this time is of the new meter. */
  readonly timeUs: number;
  readonly closing: number;
  readonly opening: number;
}

export const stepKinds = ['forward', 'replacement', 'dip', 'rollover', 'reset', 'implausible'] as const;
export type StepKind = (typeof stepKinds)[number];

/** Where a mark comes from: a sample, or one of the two registers of a recorded replacement. */
export type MarkOrigin = 'sample' | 'closing' | 'opening';

/** A value that counts. */
export interface Mark extends RegisterSample {
  readonly origin: MarkOrigin;
  /** What counting goes on from: `value`, or in a dip the highest value before it. */
  readonly register: number;
}

/** The way from one mark to the next. */
export interface Step {
  readonly kind: StepKind;
  /** What it adds to the consumption; never negative. */
  readonly counted: number;
  /** What it would add if a person accepted it; differs from `counted` only when `kind` is `implausible`. */
  readonly claimed: number;
  /** True where the unrolled value does not go on from the register before: the offset changes here. */
  readonly isJump: boolean;
  /** True when a person accepted it although it is implausible. */
  readonly isAccepted: boolean;
}

export interface Judgement extends Step {
  readonly isPlausible: boolean;
  /** `register` of the mark that the step leads to. */
  readonly register: number;
}

/** A step may count this much more than the rate allows (DESIGN §6). */
const rateAllowance = 1.2;
/** A register may fall by this many units of its last digit and still be the same count. */
const dipUnits = 2;
const usPerH = 3_600_000_000;

/**
 * What the difference of two registers may be wrong by because decimal digits are not exact in binary: 100.02 - 100
 * is more than 0.02.
 */
function slackOf(register: number, facts: CounterFacts): number {
  return Math.max(facts.resolution * 1e-6, Math.abs(register) * 2 ** -50);
}

/** How far below the highest value a register may fall in a dip. */
export function dipLimit(register: number, facts: CounterFacts): number {
  return facts.resolution === 0 ? 0 : dipUnits * facts.resolution + slackOf(register, facts);
}

/** Whether so much can be counted in so much time. */
export function isPlausible(
  facts: CounterFacts,
  step: { readonly counted: number; readonly elapsedUs: number; readonly register: number },
): boolean {
  if (facts.maxRatePerH === null) return true;
  const most = rateAllowance * facts.maxRatePerH * (step.elapsedUs / usPerH) + facts.resolution;
  return step.counted <= most + slackOf(step.register, facts);
}

/** Judges the step from a mark to a candidate by the rules of DESIGN §6, in their order. */
export function judgeStep(facts: CounterFacts, from: Mark, to: Omit<Mark, 'register'>): Judgement {
  const { kind, counted, register } = classify(facts, from, to);
  const elapsedUs = to.timeUs - from.timeUs;
  const plausible =
    kind !== 'implausible' &&
    (kind === 'replacement' || isPlausible(facts, { counted, elapsedUs, register: from.register }));
  const isJump = kind !== 'forward' && kind !== 'dip';
  return { kind, counted, claimed: counted, register, isJump, isAccepted: false, isPlausible: plausible };
}

function classify(
  facts: CounterFacts,
  from: Mark,
  to: Omit<Mark, 'register'>,
): { kind: StepKind; counted: number; register: number } {
  if (from.origin === 'closing' && to.origin === 'opening') {
    return { kind: 'replacement', counted: 0, register: to.value };
  }
  const fall = from.register - to.value;
  if (fall <= 0) return { kind: 'forward', counted: to.value - from.register, register: to.value };
  if (fall <= dipLimit(from.register, facts)) {
    // Below the highest value, but not falling: the dip goes on, and this step is plain.
    const kind = to.value < from.value ? 'dip' : 'forward';
    return { kind, counted: 0, register: from.register };
  }
  const { modulus } = facts;
  // A register that stands above its modulus shows that it does not wrap there.
  if (modulus !== null && from.register <= modulus && modulus - fall < modulus / 2) {
    return { kind: 'rollover', counted: modulus - fall, register: to.value };
  }
  // A register that a person read and wrote down did not start from zero unseen.
  if (from.origin === 'opening' || to.origin === 'closing') {
    return { kind: 'implausible', counted: Math.max(0, to.value), register: to.value };
  }
  return { kind: 'reset', counted: Math.max(0, to.value), register: to.value };
}
