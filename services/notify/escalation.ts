import type { RouteBody } from '#schemas/notify.ts';
import type { AlarmStanding } from './facts.ts';

const minuteMs = 60_000;

/** Where the telling of one alarm along one route stands. */
export interface Progress {
  /** When the alarm was raised, or taken up again. */
  readonly openedMs: number;
  /** The step that is run next; the number of steps where the last is repeated. */
  readonly step: number;
  /** How often the last step was repeated. */
  readonly repeats: number;
}

/** What is run now, and what comes after it. */
export interface Turn {
  /** Index into the route's steps; null when there is nothing left to run. */
  readonly run: number | null;
  readonly next: Progress;
  /** Null: nothing more is planned; the telling stays open until somebody acknowledges. */
  readonly nextMs: number | null;
}

/**
 * The turn that is due; pure. One that was missed while nobody led, or whose alarm became known late, comes at once; the
 * next one leaves people the time that the route gives them.
 */
export function takeTurn(route: Pick<RouteBody, 'steps' | 'repeat'>, at: Progress, nowMs: number): Turn {
  const { steps, repeat } = route;
  if (at.step < steps.length) {
    const next = { ...at, step: at.step + 1 };
    const gapMs = ((steps[next.step]?.afterMinutes ?? 0) - (steps[at.step]?.afterMinutes ?? 0)) * minuteMs;
    const nextMs = nextTime(route, next, nowMs);
    return {
      run: at.step,
      next,
      nextMs: next.step < steps.length ? Math.max(nextMs ?? 0, nowMs + gapMs) : nextMs,
    };
  }
  if (repeat === null || at.repeats >= repeat.times) return { run: null, next: at, nextMs: null };
  const next = { ...at, repeats: at.repeats + 1 };
  return { run: steps.length - 1, next, nextMs: nextTime(route, next, nowMs) };
}

/** When the next turn is; null when none is. */
function nextTime(
  { steps, repeat }: Pick<RouteBody, 'steps' | 'repeat'>,
  at: Progress,
  nowMs: number,
): number | null {
  const step = steps[at.step];
  if (step !== undefined) return Math.max(at.openedMs + step.afterMinutes * minuteMs, nowMs);
  if (repeat === null || at.repeats >= repeat.times) return null;
  return nowMs + repeat.everyMinutes * minuteMs;
}

/** When the first turn is. */
export function firstTime(route: Pick<RouteBody, 'steps'>, openedMs: number): number {
  return openedMs + (route.steps[0]?.afterMinutes ?? 0) * minuteMs;
}

/** Why nobody need be told any more; null while somebody must. */
export function endOf(
  route: Pick<RouteBody, 'endsWhenCleared' | 'enabled'> | undefined,
  standing: AlarmStanding,
): string | null {
  if (standing.acknowledgedBy !== null) return 'acknowledged';
  if (standing.held !== null) return standing.held;
  if (route === undefined) return 'route-gone';
  if (!route.enabled) return 'route-disabled';
  return standing.clearedMs !== null && route.endsWhenCleared ? 'cleared' : null;
}
