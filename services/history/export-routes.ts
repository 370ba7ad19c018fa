import { Readable } from 'node:stream';
import type { z } from 'zod';
import { appendAudit } from '#infra/journal.ts';
import type { Database } from '#infra/postgres.ts';
import { exportQuery } from '#schemas/api/readings.ts';
import { ParkError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { everyone } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { arrowStream } from './arrow-stream.ts';
import { csvHead, csvLines, type CsvLook } from './csv.ts';
import { exportBlocks, type Block, type ExportPlan } from './export-blocks.ts';
import { refuseBeyondHorizon } from './reach.ts';
import { pointsOf, type HistoryDeps } from './readings.ts';

type ExportQuery = z.output<typeof exportQuery>;

const mediaTypes = {
  csv: 'text/csv; charset=utf-8',
  arrow: 'application/vnd.apache.arrow.stream',
} as const;

/** GET /readings/export: any span, streamed; what is held is one block of rows, whatever is asked for. */
export function exportRoutes(api: Api, deps: HistoryDeps & { readonly db: Database }): void {
  const running = new Map<string, number>();
  api.get(
    '/readings/export',
    {
      config: { access: everyone },
      schema: {
        summary: 'Readings or buckets of any span as CSV or as an Arrow stream',
        tags: ['readings'],
        querystring: exportQuery,
      },
    },
    async (request, reply) => {
      const { query, ip } = request;
      const { actor } = principalOf(request);
      const plan = await planOf(deps, query);
      const release = admit(running, actor);
      try {
        await appendAudit(deps.db, {
          actor,
          address: ip,
          action: 'readings.export',
          object: query.device ?? query.space ?? 'points',
          after: { ...query, points: query.points ?? plan.points.length },
        });
      } catch (error) {
        release();
        throw error;
      }
      const stream = Readable.from(released(pieces(deps, plan, query), release), { objectMode: false });
      // A stream that is never read is never begun, and then its end is not seen inside it.
      stream.once('close', release);
      return reply
        .type(mediaTypes[query.format])
        .header('content-disposition', `attachment; filename="${fileName(query)}"`)
        .send(stream);
    },
  );
}

async function planOf(deps: HistoryDeps, query: ExportQuery): Promise<ExportPlan> {
  const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
  if (fromMs >= toMs) {
    const errors = [{ path: 'querystring/from', message: 'is before to' }];
    throw new ParkError('invalid-request', 'from is not before to', errors);
  }
  const points: readonly PointInfo[] = await pointsOf(deps, query);
  if (points.length > limits.exportPoints) {
    const detail = `${points.length} points were asked for, at most ${limits.exportPoints} are exported at once`;
    throw new ParkError('too-many-values', detail);
  }
  const { resolution } = query;
  const isBeyond = await refuseBeyondHorizon(deps, { points, resolution, fromMs });
  return { points, fromMs, toMs, resolution, isBeyond };
}

/** @throws ParkError `too-many-requests` when as many run as may */
function admit(running: Map<string, number>, actor: string): () => void {
  const own = running.get(actor) ?? 0;
  const all = [...running.values()].reduce((sum, count) => sum + count, 0);
  if (own >= limits.exportsOfOne || all >= limits.exportsAtOnce) {
    throw new ParkError(
      'too-many-requests',
      'Other exports are still running; try again when one has ended.',
    );
  }
  running.set(actor, own + 1);
  let isReleased = false;
  return () => {
    if (isReleased) return;
    isReleased = true;
    const left = (running.get(actor) ?? 1) - 1;
    if (left === 0) running.delete(actor);
    else running.set(actor, left);
  };
}

async function* released<T>(items: AsyncIterable<T>, release: () => void): AsyncGenerator<T> {
  try {
    yield* items;
  } finally {
    release();
  }
}

async function* pieces(deps: HistoryDeps, plan: ExportPlan, query: ExportQuery): AsyncGenerator<Uint8Array> {
  const blocks = exportBlocks({ db: deps.db, calendar: localCalendar(deps.timeZone) }, plan);
  const kind: Block['kind'] = plan.resolution === 'raw' ? 'raw' : 'buckets';
  const { timeZone } = deps;
  if (query.format === 'arrow') {
    yield* arrowStream(blocks, { points: plan.points, kind, timeZone });
    return;
  }
  const look: CsvLook = { language: query.language, bom: query.bom === 'true', timeZone };
  const lines = csvLines(look);
  yield Buffer.from(csvHead(kind, look));
  for await (const block of blocks) yield Buffer.from(lines(block));
}

function fileName({ from, to, resolution, format }: ExportQuery): string {
  const day = (instant: string) => instant.slice(0, 10);
  return `readings-${day(from)}-${day(to)}-${resolution}.${format === 'csv' ? 'csv' : 'arrows'}`;
}
