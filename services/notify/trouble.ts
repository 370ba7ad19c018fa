import type { Book } from './book.ts';
import type { ChannelHealth } from './circuit-store.ts';
import { resolveStep, type Hole } from './recipients.ts';
import { readersOf } from './report-plan.ts';

/** A channel that fails for so long is told of. */
const failingMs = 5 * 60_000;

/**
 * What keeps somebody from being told, now: holes in what enabled routes name, and channels that do not work; pure.
 * @param teams that alarm rules name as responsible; empty for rules that name none
 */
export function findTroubles(
  book: Book,
  state: {
    readonly teams: readonly string[];
    readonly health: readonly ChannelHealth[];
    readonly nowMs: number;
  },
): Hole[] {
  const { teams, health, nowMs } = state;
  const holes = book.routes
    .filter((route) => route.enabled)
    .flatMap((route) =>
      route.steps.flatMap((step) => {
        const asksTeams = step.targets.some(({ kind }) => kind === 'rule-team');
        // Asked as for a critical alarm: who does not want to hear of lesser ones is no hole.
        return (asksTeams ? teams : ['']).flatMap(
          (team) => resolveStep(book, { step, route, severity: 'critical', team, nowMs }).holes,
        );
      }),
    );
  const unread = book.reports
    .filter((report) => report.enabled)
    .flatMap((report) => readersOf(book, report, nowMs).holes);
  const failing = health
    .filter((each) => book.channels.get(each.channelId)?.enabled === true)
    .filter((each) => each.failingSinceMs !== null && each.failingSinceMs <= nowMs - failingMs)
    .map((each) => ({ object: `channel-${each.channelId}`, reason: `fails: ${each.lastError}` }));
  return [...new Map([...holes, ...unread, ...failing].map((hole) => [hole.object, hole])).values()];
}
