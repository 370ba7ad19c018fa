/** A run of one value without a silence, as readings told it; epoch ms. Bad readings are left out. */
export interface Run {
  readonly value: number;
  readonly fromMs: number;
  /** Of its last reading. */
  readonly lastSeenMs: number;
}

export interface Span {
  readonly value: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StateTotals {
  /** By value, ms in it and how often it began inside the range. */
  readonly byValue: ReadonlyMap<number, { readonly ms: number; readonly entered: number }>;
  readonly unknownMs: number;
}

/**
 * When each state held. Pure. A state holds from its first reading to the next reading of another state; where none came for longer
 * than `holdMs` after its last one, it is known only up to there. Runs of one value that are cut (at local midnights) are one again.
 * @param runs in order of time; the first may have begun before the range
 * @param range closed-open; `toMs` is at most now
 */
export function stateSpans(
  runs: readonly Run[],
  range: { readonly fromMs: number; readonly toMs: number; readonly holdMs: number },
): Span[] {
  const spans: Span[] = [];
  for (const [index, run] of runs.entries()) {
    const nextMs = runs[index + 1]?.fromMs ?? range.toMs;
    const holds = nextMs - run.lastSeenMs <= range.holdMs;
    const toMs = Math.min(holds ? nextMs : run.lastSeenMs, range.toMs);
    const fromMs = Math.max(run.fromMs, range.fromMs);
    if (toMs <= fromMs) continue;
    const before = spans.at(-1);
    if (before?.value === run.value && before.toMs === fromMs) spans[spans.length - 1] = { ...before, toMs };
    else spans.push({ value: run.value, fromMs, toMs });
  }
  return spans;
}

/** What the spans of a range add up to. Pure. */
export function stateTotals(
  spans: readonly Span[],
  range: { readonly fromMs: number; readonly toMs: number; readonly beganBefore: boolean },
): StateTotals {
  const byValue = new Map<number, { ms: number; entered: number }>();
  let knownMs = 0;
  for (const [index, { value, fromMs, toMs }] of spans.entries()) {
    const total = byValue.get(value) ?? { ms: 0, entered: 0 };
    const stoodBefore = index === 0 && range.beganBefore;
    byValue.set(value, { ms: total.ms + toMs - fromMs, entered: total.entered + (stoodBefore ? 0 : 1) });
    knownMs += toMs - fromMs;
  }
  return { byValue, unknownMs: Math.max(0, range.toMs - range.fromMs - knownMs) };
}
