import type { Queryable } from '#infra/postgres.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import type { ReportBody } from '#schemas/notify.ts';
import { readFigures } from '#services/alarms/read-figures.ts';
import { loadPositions } from '#services/alarms/position-store.ts';
import type { Book } from './book.ts';
import { insertDeliveries, knownKeys, type NewDelivery } from './delivery-store.ts';
import type { Planning } from './planner.ts';
import { resolveStep, type Recipient, type Resolved } from './recipients.ts';
import { dueReport, reportFigures, type Week, type WeekReport } from './report.ts';

/** How long a report waits for the last figures of its week to be counted. */
const patienceMs = 3_600_000;
const weekDays = 7;

/**
 * Plans the reports that are due, once for each week, reader and channel: planning again changes nothing, and who is
 * added on the day still gets it.
 */
export async function planReports(client: Queryable, planning: Planning): Promise<void> {
  const { book, nowMs } = planning;
  for (const report of book.reports) {
    const due = dueReport(report, nowMs, book.clock);
    if (due === null) continue;
    const { recipients } = readersOf(book, report, nowMs);
    const keyed = recipients.map((to) => ({ to, key: reportKey(report.id, due.week, to) }));
    const known = await knownKeys(
      client,
      keyed.map(({ key }) => key),
    );
    const missing = keyed.filter(({ key }) => !known.has(key));
    if (missing.length === 0) continue;
    const made = await makeReport(client, { report, week: due.week, book, nowMs });
    const endMs = book.clock.instantOf(due.week.to, 24 * 60);
    const isCounted = Date.parse(made.figures.foldedAt ?? '') >= endMs;
    if (!isCounted && nowMs < due.dueMs + patienceMs) continue;
    await insertDeliveries(
      client,
      missing.map(({ to, key }) => deliveryOf(made, { to, key, nowMs })),
      nowMs,
    );
  }
}

function reportKey(id: string, { from }: Week, { channelId, username }: Recipient): string {
  return ['report', id, from, username ?? '', channelId].join('/');
}

export function deliveryOf(
  report: WeekReport,
  { to, key, nowMs }: { readonly to: Recipient; readonly key: string; readonly nowMs: number },
): NewDelivery {
  const { channelId, username } = to;
  const message = { kind: 'report', facts: null, number: 0, by: null, people: [], report } as const;
  return { key, noticeId: null, channelId, username, digest: false, dueMs: nowMs, message };
}

/** Whom a report reaches: by e-mail, unless it names channels; where there is none, by every way that people have. */
export function readersOf(book: Book, { targets, channels }: ReportBody, nowMs: number): Resolved {
  const mail = [...book.channels.values()].filter(
    (channel) => channel.enabled && channel.config.kind === 'email',
  );
  const step = {
    afterMinutes: 0,
    targets,
    channels: channels.length > 0 ? channels : mail.map(({ id }) => id),
  };
  // Asked as for a critical alarm: who does not want to hear of lesser ones gets the report all the same.
  const asked = { step, route: { breaksQuiet: true }, severity: 'critical', team: '', nowMs } as const;
  return resolveStep(book, asked);
}

export async function makeReport(
  db: Queryable,
  asked: { readonly report: ReportBody; readonly week: Week; readonly book: Book; readonly nowMs: number },
): Promise<WeekReport> {
  const { report, week, book, nowMs } = asked;
  const calendar = localCalendar(book.clock.timeZone);
  const position = report.position ?? undefined;
  const read = (range: Week) => readFigures(db, { calendar, nowMs, range: { ...range, position } });
  const back = { from: shiftDay(week.from, -weekDays), to: shiftDay(week.to, -weekDays) };
  const [figures, before] = [await read(week), await read(back)];
  const named = (await loadPositions(db)).find(({ id }) => id === position);
  return {
    id: report.id,
    week,
    position:
      position === undefined
        ? null
        : { id: position, zh: named?.name ?? position, en: named?.nameEn ?? named?.name ?? position },
    figures: reportFigures(figures),
    before: before.days.length === 0 ? null : reportFigures(before),
  };
}
