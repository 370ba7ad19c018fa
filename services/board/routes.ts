import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import { boardSchema, type Board } from '#schemas/api/board.ts';
import { environmentClass, environmentMedia, mediumMetrics } from '#schemas/environment-media.ts';
import type { Api } from '#services/api/plugin.ts';
import { boardItems, newestByMedium } from './board.ts';
import type { ServingJournal } from './serving-journal.ts';
import { readBoard } from './store.ts';

/** Anybody may ask, so the store is asked this often at most. */
const cacheMs = 5_000;
/** Older values are history, not the state of the air. */
const oldestMs = 24 * 3_600_000;
const mostValues = 2_000;

/** GET /board: public, and every answer is counted in the journal of servings. */
export function boardRoutes(
  api: Api,
  deps: { db: Database; clock: Clock; parkId: string; timeZone: string; servings: ServingJournal },
): void {
  const { db, clock, parkId, timeZone, servings } = deps;
  let cached: { readonly untilMs: number; readonly board: Promise<Board> } | undefined;

  const load = async (): Promise<Board> => {
    const nowMs = clock.nowMs();
    const rows = await readBoard(db, {
      deviceClass: environmentClass,
      metrics: environmentMedia.flatMap((medium) => mediumMetrics[medium]),
      sinceMs: nowMs - oldestMs,
      limit: mostValues,
    });
    return { parkId, timeZone, time: new Date(nowMs).toISOString(), items: boardItems(rows) };
  };
  const current = (): Promise<Board> => {
    if (cached !== undefined && clock.monotonicMs() < cached.untilMs) return cached.board;
    const board = load();
    const entry = { untilMs: clock.monotonicMs() + cacheMs, board };
    cached = entry;
    board.catch(() => {
      if (cached === entry) cached = undefined;
    });
    return board;
  };

  api.get(
    '/board',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Air, water quality and noise for the public, with time and source',
        tags: ['board'],
        response: { 200: boardSchema },
      },
    },
    async () => {
      const board = await current();
      servings.count(newestByMedium(board.items));
      return board;
    },
  );
}
