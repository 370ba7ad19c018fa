import { appendAudit } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import {
  alarmFiguresSchema,
  figuresQuery,
  floodSchema,
  positionsBody,
  positionsSchema,
  type AlarmFigures,
} from '#schemas/api/alarm-figures.ts';
import { pageOf } from '#schemas/api/common.ts';
import { ParkError } from '#schemas/errors.ts';
import { dayAfter, localCalendar, type LocalCalendar } from '#schemas/local-time.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { mainPosition, slotsOf } from './facts.ts';
import { addUp, figuresOf, sum, type AlarmDay } from './figures.ts';
import { loadDays, loadExtent, loadSources, loadStanding, type FigureRange } from './figures-store.ts';
import { listFloods } from './flood-store.ts';
import { loadPositions, savePositions } from './position-store.ts';
import type { AlarmDeps, AlarmRouteDeps } from './service.ts';

const tags = ['alarms'];
const topMost = 10;
const standingMost = 20;
const floodsMost = 50;

/** What the alarms ask of people: figures, floods, and who sits where. */
export function figuresRoutes(api: Api, deps: AlarmRouteDeps): void {
  const calendar = localCalendar(deps.timeZone);
  api.get(
    '/alarm-figures',
    {
      config: { access: everyone },
      schema: {
        summary: 'Rate, peaks, floods, priorities, most frequent, chattering, standing, times, by local days',
        tags,
        querystring: figuresQuery,
        response: { 200: alarmFiguresSchema },
      },
    },
    ({ query }) => readFigures(deps, calendar, { ...query, position: query.position }),
  );
  api.get(
    '/alarm-floods',
    {
      config: { access: everyone },
      schema: {
        summary: 'Floods with their causes: those that go on, then the last ones',
        tags,
        response: { 200: pageOf(floodSchema) },
      },
    },
    async () => ({ items: await listFloods(deps.db, floodsMost), nextCursor: null }),
  );
  positionRoutes(api, deps);
}

function positionRoutes(api: Api, { db }: AlarmDeps): void {
  api.get(
    '/operator-positions',
    {
      config: { access: everyone },
      schema: { summary: 'Who takes which alarms', tags, response: { 200: positionsSchema } },
    },
    async () => ({ items: await loadPositions(db) }),
  );
  api.put(
    '/operator-positions',
    {
      config: { access: engineers },
      schema: {
        summary: 'Says anew who takes which alarms, from the next one on',
        tags,
        body: positionsBody,
        response: { 200: positionsSchema },
      },
    },
    async (request) => {
      const { items, reason } = request.body;
      const ids = items.map((each) => each.id);
      if (new Set(ids).size < ids.length || ids.includes(mainPosition)) {
        const message = `names each position once, and not ${mainPosition}, which takes the rest`;
        throw new ParkError('invalid-request', `items ${message}`, [{ path: '/items', message }]);
      }
      const { actor } = principalOf(request);
      return transaction(db, async (client) => {
        const before = await loadPositions(client);
        await savePositions(client, items);
        await appendAudit(client, {
          actor,
          action: 'operator-positions.update',
          object: 'operator-positions',
          reason,
          before,
          after: items,
        });
        return { items };
      });
    },
  );
}

async function readFigures(
  deps: AlarmDeps,
  calendar: LocalCalendar,
  range: FigureRange,
): Promise<AlarmFigures> {
  const { db, clock } = deps;
  const nowMs = clock.nowMs();
  const { firstDay, foldedMs } = await loadExtent(db);
  const days = await readDays(deps, calendar, { range, firstDay });
  const { total, chattering, top } = await loadSources(db, range, topMost);
  return {
    from: range.from,
    to: range.to,
    position: range.position ?? null,
    positions: await loadPositions(db),
    foldedAt: foldedMs === null ? null : new Date(foldedMs).toISOString(),
    ...figuresOf(days),
    chattering,
    top,
    topShare: total === 0 ? null : sum(top.map((each) => each.raised)) / total,
    standing: await loadStanding(db, { nowMs, position: range.position, limit: standingMost }),
  };
}

/** Every day of the range since there are facts and until today; positions added up. */
async function readDays(
  { db, clock }: AlarmDeps,
  calendar: LocalCalendar,
  { range, firstDay }: { readonly range: FigureRange; readonly firstDay: string | null },
): Promise<AlarmDay[]> {
  if (firstDay === null) return [];
  const nowMs = clock.nowMs();
  const stored = Map.groupBy(await loadDays(db, range), (row) => row.day);
  const today = calendar.dayOf(nowMs);
  const last = range.to < today ? range.to : today;
  const days: AlarmDay[] = [];
  for (let day = range.from < firstDay ? firstDay : range.from; day <= last; day = dayAfter(day)) {
    const fromMs = calendar.startOf(day);
    const slots = slotsOf({ day, fromMs, toMs: calendar.startOf(dayAfter(day)) }, nowMs);
    const rows = stored.get(day) ?? [];
    const total = (of: (row: Omit<AlarmDay, 'fromMs'>) => number) => sum(rows.map(of));
    days.push({
      day,
      fromMs,
      announced: addUp(rows.map((row) => row.announced)),
      recorded: total((row) => row.recorded),
      buckets: addUp([Array.from({ length: slots }, () => 0), ...rows.map((row) => row.buckets)]),
      acknowledgedAfter: addUp(rows.map((row) => row.acknowledgedAfter)),
      acknowledgedAfterS: total((row) => row.acknowledgedAfterS),
      clearedAfter: addUp(rows.map((row) => row.clearedAfter)),
      clearedAfterS: total((row) => row.clearedAfterS),
      standing: total((row) => row.standing),
      shelvedS: total((row) => row.shelvedS),
      suppressedS: total((row) => row.suppressedS),
      outOfServiceS: total((row) => row.outOfServiceS),
    });
  }
  return days;
}
