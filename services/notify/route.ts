import type { Match, RouteBody } from '#schemas/notify.ts';
import { isInWindow } from '#schemas/time-window.ts';
import type { WallClock } from '#schemas/wall-clock.ts';
import type { NoticeFacts } from './facts.ts';

type Matched = Pick<NoticeFacts, 'severity' | 'category' | 'spaces' | 'deviceClass' | 'ruleId' | 'raisedMs'>;

/** Whether an alarm is one of those a route is for; pure. */
export function matches(match: Match, facts: Matched, clock: WallClock): boolean {
  const one = (list: readonly string[], ...words: readonly string[]) =>
    list.length === 0 || words.some((word) => list.includes(word));
  return (
    one(match.severities, facts.severity) &&
    one(match.categories, facts.category) &&
    one(match.deviceClasses, facts.deviceClass) &&
    one(match.rules, facts.ruleId) &&
    one(match.spaces, ...facts.spaces.map(({ id }) => id)) &&
    (match.windows.length === 0 ||
      match.windows.some((window) => isInWindow(window, clock.at(facts.raisedMs))))
  );
}

/** The routes that tell of an alarm, in order; none after one that says it is the last. */
export function routesFor(routes: readonly RouteBody[], facts: Matched, clock: WallClock): RouteBody[] {
  const found: RouteBody[] = [];
  for (const route of routes) {
    if (!route.enabled || !matches(route.match, facts, clock)) continue;
    found.push(route);
    if (route.isLast) break;
  }
  return found;
}
