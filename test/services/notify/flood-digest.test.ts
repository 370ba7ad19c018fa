import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reviewFloods } from '#services/alarms/flood-store.ts';
import type { Notifier } from '#services/notify/notifier.ts';
import { linesOf, recordMail, subjectOf, type SmtpRecorder } from './channels/smtp-recorder.ts';
import { createNotifyPark, recordEndpoint, type Endpoint, type NotifyPark } from './notify-park.ts';

const minuteMs = 60_000;
const cameras = Array.from({ length: 20 }, (_, i) => `cam-${i + 1}`);

describe('telling of a flood', () => {
  let park: NotifyPark;
  let mail: SmtpRecorder;
  let robot: Endpoint;
  let notifier: Notifier;
  beforeEach(async () => {
    park = await createNotifyPark();
    mail = await recordMail({});
    robot = await recordEndpoint();
    const { pool } = park.database;
    await pool.query(
      `insert into device (id, valid_from, class, name, attributes)
       select 'gw-1', now(), 'gateway', 'Gateway 1', '{}'::jsonb union all
       select unnest($1::text[]), now(), 'camera', 'Camera', '{"gatewayId": "gw-1"}'`,
      [cameras],
    );
    await park.addPoints(...cameras.map((id) => `${id}.online`));
    await park.addRule({}, { id: 'feed' });
    await park.addUser('admin', 'admin');
    await park.addUser('wang', 'engineer', { email: 'wang@park.example', language: 'en' });
    await park.addUser('li', 'engineer', { email: 'li@park.example', language: 'en' });
    const config = { kind: 'email', host: '127.0.0.1', port: mail.port, security: 'none' };
    await park.addChannel({ id: 'mail', perMinute: 600, config: { ...config, from: 'alarm@park.example' } });
    await park.addChannel({ id: 'robot', config: { kind: 'wecom' }, secrets: { url: `${robot.url}/robot` } });
    await park.addRoute({
      steps: [
        { afterMinutes: 0, targets: [{ kind: 'person', id: 'wang' }], channels: ['mail', 'robot'] },
        { afterMinutes: 10, targets: [{ kind: 'person', id: 'li' }], channels: ['mail'] },
      ],
    });
    notifier = await park.startNotifier();
  });
  afterEach(async () => {
    await notifier[Symbol.asyncDispose]();
    await robot[Symbol.asyncDispose]();
    await mail[Symbol.asyncDispose]();
    await park[Symbol.asyncDispose]();
  });

  const raiseAll = async (ids: readonly string[], severity: 'critical' | 'high' | 'medium' = 'high') => {
    const alarms: number[] = [];
    for (const id of ids) alarms.push(await park.raise({ point: `${id}.online`, severity }));
    return alarms;
  };
  const look = () => reviewFloods(park.database.pool, { nowMs: park.clock.nowMs() });
  /** Lets time pass and sends what is due. */
  const pass = async (ms: number) => {
    await park.clock.advance(ms);
    await notifier.idle();
  };
  /** Subject, and lines of the text that tell causes, of every mail to somebody. */
  const told = (username: string) =>
    mail.mails
      .filter(({ to }) => to.includes(`${username}@park.example`))
      .map((each) => ({
        subject: subjectOf(each),
        causes: linesOf(each).filter((line) => line.includes(' so far, at most ')),
      }));
  /** Eleven alarms that were told one by one make a flood. */
  const flood = async () => {
    // From the beginning of an interval, so that what is awaited is the same at any time of day.
    await park.clock.advance(120_000 - (park.clock.nowMs() % 120_000) + 1_000);
    const alarms = await raiseAll(cameras.slice(0, 11), 'medium');
    await notifier.idle();
    await look();
    return alarms;
  };

  it('is one message by what caused it, and none for each alarm', async () => {
    await flood();
    const before = told('wang').length;
    await raiseAll(cameras.slice(11), 'medium');
    await park.raise({ point: 'em-1.voltage_l1', rule: 'feed' });
    await notifier.idle();
    expect(told('wang')).toHaveLength(before);
    const requests = robot.requests.length;
    await pass(2 * minuteMs);
    const [message, ...more] = told('wang').slice(before);
    expect(more).toEqual([]);
    expect(message?.subject).toBe('[Alarm flood · High] 10 alarms, by cause');
    expect(message?.causes).toEqual([
      'Below Gateway 1 (gw-1): 9 now, 20 so far, at most Medium',
      'Others: 1 now, 1 so far, at most High',
    ]);
    expect(robot.requests).toHaveLength(requests + 1);
    expect(robot.requests.at(-1)?.body).toContain('上级设备 Gateway 1');
  });

  it('lets a critical alarm wait for nothing, and takes the others along', async () => {
    await flood();
    const before = told('wang').length;
    await raiseAll(cameras.slice(11, 14), 'medium');
    await raiseAll(cameras.slice(14, 15), 'critical');
    await notifier.idle();
    expect(told('wang').slice(before)).toMatchObject([
      { subject: '[Alarm flood · Critical] 4 alarms, by cause' },
    ]);
  });

  it('escalates what nobody acknowledged, as one message too', async () => {
    const alarms = await flood();
    const late = await raiseAll(cameras.slice(11), 'medium');
    await pass(2 * minuteMs);
    for (const id of [...alarms, ...late.slice(2)]) await park.acknowledge(id, 'wang');
    await pass(11 * minuteMs);
    await pass(2 * minuteMs);
    expect(told('li')).toMatchObject([
      {
        subject: '[Alarm flood · Medium] 2 alarms, by cause',
        causes: ['Below Gateway 1 (gw-1): 2 now, 20 so far, at most Medium'],
      },
    ]);
  });

  it('is told at least once: what a process was sending when it died goes out again, with the same key', async () => {
    await flood();
    const before = robot.requests.length;
    robot.answer = { status: 500, body: '' };
    await raiseAll(cameras.slice(11), 'medium');
    await notifier.idle();
    await pass(2 * minuteMs);
    expect(robot.requests).toHaveLength(before + 1);
    await notifier[Symbol.asyncDispose]();
    await park.database.pool.query(`update delivery set state = 'sending' where state = 'waiting'`);
    robot.answer = { status: 200, body: '{"errcode":0}' };
    notifier = await park.startNotifier();
    await pass(10 * minuteMs);
    const again = robot.requests.slice(before);
    expect(again.length).toBeGreaterThan(1);
    const { rows } = await park.database.pool.query<{ batch: string; count: number; state: string }>(
      `select batch, count(*)::int as count, min(state) as state from delivery
       where channel_id = 'robot' and flood_id is not null and batch is not null group by batch`,
    );
    expect(rows).toEqual([{ batch: expect.stringMatching(/^batch\//), count: 9, state: 'delivered' }]);
  });
});
