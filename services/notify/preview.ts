import type { z } from 'zod';
import type { previewQuery, Preview } from '#schemas/api/notify.ts';
import { ParkError } from '#schemas/errors.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { Book } from './book.ts';
import { loadFacts, loadSpacePaths } from './facts-store.ts';
import type { NoticeFacts } from './facts.ts';
import { resolveStep } from './recipients.ts';
import { routesFor } from './route.ts';

const minuteMs = 60_000;

/** What of an alarm decides who is told. */
export type Asked = Pick<
  NoticeFacts,
  'severity' | 'category' | 'spaces' | 'deviceClass' | 'ruleId' | 'raisedMs' | 'team'
>;

/** What is asked about: an alarm that is there, or one as it could be. @throws ParkError not-found */
export async function factsAsked(
  db: Queryable,
  query: z.output<typeof previewQuery>,
  nowMs: number,
): Promise<Asked> {
  if (query.alarm !== undefined) {
    const known = (await loadFacts(db, [Number(query.alarm)])).get(Number(query.alarm));
    if (known === undefined) throw new ParkError('not-found', `There is no alarm ${query.alarm}`);
    return { ...known.facts, raisedMs: nowMs };
  }
  const { severity, category, deviceClass, team, space, rule = '' } = query;
  const spaces = space === undefined ? [] : ((await loadSpacePaths(db, [space])).get(space) ?? []);
  return { severity, category, deviceClass, team, ruleId: rule, raisedMs: nowMs, spaces };
}

/** Who would be told if it were raised now: each step as of its own time; pure. */
export function previewOf(book: Book, asked: Asked, nowMs: number): Preview {
  const iso = (timeMs: number) => new Date(timeMs).toISOString();
  const routes = routesFor(book.routes, asked, book.clock).map((route) => ({
    id: route.id,
    name: route.name,
    steps: route.steps.map((step) => {
      const atMs = nowMs + step.afterMinutes * minuteMs;
      const { severity, team } = asked;
      const { recipients, holes, isFallback } = resolveStep(book, {
        step,
        route,
        severity,
        team,
        nowMs: atMs,
      });
      return {
        afterMinutes: step.afterMinutes,
        holes: holes.map((hole) => ({ ...hole })),
        isFallback,
        recipients: recipients.map(({ channelId, username, dueMs }) => ({
          channel: channelId,
          channelName: book.channels.get(channelId)?.name ?? channelId,
          username,
          displayName: username === null ? null : (book.people.get(username)?.displayName ?? username),
          at: iso(dueMs),
        })),
      };
    }),
  }));
  return { at: iso(nowMs), routes };
}
