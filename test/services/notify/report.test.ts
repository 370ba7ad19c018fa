import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import { reportBodySchema } from '#schemas/notify.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import { foldFacts } from '#services/alarms/facts.ts';
import { notifyRoutes } from '#services/notify/routes.ts';
import { dueReport, weekBefore } from '#services/notify/report.ts';
import { openRouteApi } from '#test/kit/route-api.ts';
import { linesOf, recordMail, subjectOf, type SmtpRecorder } from './channels/smtp-recorder.ts';
import { createNotifyPark, type NotifyPark } from './notify-park.ts';

const timeZone = 'Asia/Shanghai';
const clock = wallClock(timeZone);

describe('dueReport()', () => {
  const monday = { enabled: true, weekday: 1, time: '08:00' };
  const at = (local: string) => Date.parse(`${local}+08:00`);

  it('is due from its time on for a day, for the last whole week', () => {
    const week = { from: '2026-01-05', to: '2026-01-11' };
    expect(dueReport(monday, at('2026-01-12T07:59'), clock)).toBeNull();
    expect(dueReport(monday, at('2026-01-12T08:00'), clock)).toEqual({ week, dueMs: at('2026-01-12T08:00') });
    expect(dueReport(monday, at('2026-01-13T07:59'), clock)?.week).toEqual(week);
    expect(dueReport(monday, at('2026-01-13T08:00'), clock)).toBeNull();
    expect(dueReport({ ...monday, enabled: false }, at('2026-01-12T08:00'), clock)).toBeNull();
  });

  it('tells of the same week on any day of the next one, also past midnight', () => {
    const sunday = { ...monday, weekday: 7, time: '23:30' };
    expect(dueReport(sunday, at('2026-01-19T00:10'), clock)?.week).toEqual(weekBefore('2026-01-18'));
    expect(weekBefore('2026-01-18')).toEqual({ from: '2026-01-05', to: '2026-01-11' });
    expect(weekBefore('2026-01-19')).toEqual({ from: '2026-01-12', to: '2026-01-18' });
  });
});

describe('the weekly report', () => {
  let park: NotifyPark;
  let mail: SmtpRecorder;
  beforeEach(async () => {
    park = await createNotifyPark();
    mail = await recordMail({});
    await park.addUser('admin', 'admin');
    await park.addUser('wang', 'engineer', { email: 'wang@park.example' });
    await park.addUser('li', 'engineer', { email: 'li@park.example', language: 'en' });
    const config = { kind: 'email', host: '127.0.0.1', port: mail.port, security: 'none' };
    await park.addChannel({ id: 'mail', perMinute: 600, config: { ...config, from: 'alarm@park.example' } });
  });
  afterEach(async () => {
    await mail[Symbol.asyncDispose]();
    await park[Symbol.asyncDispose]();
  });

  const addReport = (body: object) => {
    const parsed = reportBodySchema.parse({ id: 'weekly', name: 'Weekly', targets: [], ...body });
    return park.addReport(parsed);
  };
  const fold = () =>
    foldFacts({
      db: park.database.pool,
      clock: park.clock,
      log: silentLog(),
      calendar: localCalendar(timeZone),
    });
  /** Three alarms now, one of them acknowledged; then it is the next Monday, at a time. */
  const weekWithAlarms = async (minute: number) => {
    const { day, weekday } = clock.at(park.clock.nowMs());
    for (let i = 0; i < 3; i++) {
      await park.clock.advance(1_000);
      await park.raise();
    }
    await park.acknowledge(1, 'wang');
    await fold();
    const monday = shiftDay(day, 8 - weekday);
    await park.clock.advance(clock.instantOf(monday, minute) - park.clock.nowMs());
    return { from: shiftDay(monday, -7), to: shiftDay(monday, -1) };
  };
  const people = (...ids: string[]) => ids.map((id) => ({ kind: 'person', id }));

  it('comes by e-mail at its time, with the figures of the week, to each in their language, once', async () => {
    await addReport({ targets: people('wang', 'li') });
    const { from, to } = await weekWithAlarms(8 * 60);
    await fold();
    for (let i = 0; i < 2; i++) {
      await using notifier = await park.startNotifier();
      await notifier.idle();
    }
    expect(mail.mails.map((each) => [each.to, subjectOf(each)]).toSorted()).toEqual([
      [['li@park.example'], `[Weekly alarm report] ${from} to ${to} · all positions`],
      [['wang@park.example'], `【告警周报】${from} 至 ${to} · 全部席位`],
    ]);
    const lines = mail.mails.filter((each) => each.to.includes('li@park.example')).flatMap(linesOf);
    expect(lines).toContain('Announced: 3');
    expect(lines).toContain('Critical / High / Medium / Low: 0 / 3 / 0 / 0');
    expect(lines).toContain('Peak in 10 min: 3 (reference ≤ 10)');
    expect(lines.find((line) => line.startsWith('Time to acknowledge:'))).toMatch(/, 1 alarms$/);
    expect(lines).toContain('1. Voltage high · Meter 1 · 3 times · 100 %');
    expect(lines).toContain(`Open the report: https://park.example/alarms/report?week=${from}`);
  });

  it('waits an hour at most for the last figures of its week', async () => {
    await addReport({ targets: people('wang'), time: '00:00' });
    await weekWithAlarms(0);
    const sent = async () => {
      await using notifier = await park.startNotifier();
      await notifier.idle();
      return mail.mails.length;
    };
    expect(await sent()).toBe(0);
    await park.clock.advance(59 * 60_000);
    expect(await sent()).toBe(0);
    await park.clock.advance(60_000);
    expect(await sent()).toBe(1);
  });

  it('that reaches nobody it names goes to the administrators, and stands as a hole', async () => {
    await park.database.pool.query(`update notify_person set preferences = '{}' where username = 'wang'`);
    await addReport({ targets: people('wang') });
    await weekWithAlarms(8 * 60);
    await fold();
    await using notifier = await park.startNotifier();
    await notifier.idle();
    expect(await park.deliveries()).toEqual(['report admin console delivered']);
    const { rows } = await park.database.pool.query<{ object: string }>(
      `select object from alarm where rule_id = 'notification-hole' and cleared_at is null`,
    );
    expect(rows.map((row) => row.object)).toContain('person-wang');
  });

  it('is a setting that names only what there is, and is sent to oneself on demand', async () => {
    await using api = await openRouteApi((scope) =>
      notifyRoutes(scope, {
        ...park.settings,
        bus: park.bus,
        letterhead: { park: 'demo', base: '', ackKey: park.box.derive('acknowledging link') },
      }),
    );
    await park.addUser('engineer', 'engineer', { email: 'engineer@park.example' });
    const body = { id: 'weekly', name: 'Weekly', targets: people('wang') };
    const refused = await api.ask('engineer', 'POST', '/notify/reports', { ...body, channels: ['nothing'] });
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      422,
      expect.stringContaining('/channels/0'),
    ]);
    expect((await api.ask('operator', 'POST', '/notify/reports', body)).status).toBe(403);
    expect((await api.ask('engineer', 'POST', '/notify/reports', body)).status).toBe(201);
    expect((await api.ask('engineer', 'POST', '/notify/reports/weekly/test', {})).status).toBe(201);
    await using notifier = await park.startNotifier();
    await notifier.idle();
    expect(mail.mails.map(({ to }) => to)).toEqual([['engineer@park.example']]);
    expect((await api.ask('engineer', 'POST', '/notify/reports/none/test', {})).status).toBe(404);
  });
});
