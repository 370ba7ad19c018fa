import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedBroker } from '#infra/embedded-broker.ts';
import { silentLog } from '#infra/log.ts';
import { startReplay, type ReplayOptions } from '#gateways/simulator/replay.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { inTime, until } from '#test/kit/events.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';

const file = fileURLToPath(new URL('../../fixtures/replay/building.csv', import.meta.url));
const log = silentLog();
let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

interface Sent {
  readonly deviceId: string;
  readonly ts: number;
  readonly seq: number;
  readonly values: Readonly<Record<string, number>>;
}

async function open(more: Partial<ReplayOptions>) {
  const clock = systemClock();
  const broker = cleanup.use(await startEmbeddedBroker({ config: mqttConfig(), parkId: 'demo', log, clock }));
  const sent: Sent[] = [];
  broker.attach(async ({ topic, bytes }) => {
    const deviceId = topic.split('/')[3] ?? '';
    const rows = JSON.parse(Buffer.from(bytes).toString()) as Omit<Sent, 'deviceId'>[];
    sent.push(...rows.map((row) => ({ deviceId, ...row })));
  });
  const replay = cleanup.use(
    await startReplay({
      file,
      planFile: undefined,
      align: 'none',
      speed: 1,
      days: 7,
      parkId: 'demo',
      broker: { url: broker.url, username: undefined, password: undefined, qos: 1 },
      clock,
      log,
      ...more,
    }),
  );
  return { sent, replay, of: (id: string) => sent.filter(({ deviceId }) => deviceId === id) };
}

test('startReplay() sends every row as it was measured, once, and is done when all is acknowledged', async () => {
  const { replay, of } = await open({});
  await inTime(replay.finished, 'the end of the file');
  expect(replay.counts()).toMatchObject({ rows: 5, skipped: 1, waiting: 0 });
  expect(of('replay-em-appliances').map(({ ts, values }) => [ts, values['active_energy_import']])).toEqual([
    [Date.parse('2020-01-10T07:00:00Z'), 0.05],
    [Date.parse('2020-01-10T07:10:00Z'), 0.12],
    [Date.parse('2020-01-10T07:30:00Z'), 0.15],
  ]);
  expect(of('replay-env-1').map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test('startReplay() aligned to the end puts the last row at this instant', async () => {
  const before = Date.now();
  const { replay, of } = await open({ align: 'end' });
  await inTime(replay.finished, 'the end of the file');
  const times = of('replay-env-1').map(({ ts }) => ts);
  expect(times.at(-1)).toBeGreaterThanOrEqual(before);
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(30 * 60_000);
});

test('startReplay() aligned to the end sends the days it is told, and what came before counts in the registers', async () => {
  const { replay, of } = await open({ align: 'end', days: 15 / (24 * 60) });
  await inTime(replay.finished, 'the end of the file');
  expect(of('replay-em-appliances').map(({ values }) => values['active_energy_import'])).toEqual([0.15]);
});

test('startReplay() aligned to the start plays row after row, as many times faster as it is told', async () => {
  const clock = fakeClock();
  const { replay, of } = await open({ align: 'start', speed: 60, clock });
  await until(() => of('replay-env-1').length === 1, 'the first row');
  await until(() => clock.waiting > 0, 'the wait for the second row');
  await clock.advance(10_000);
  await until(() => of('replay-env-1').length === 2, 'the second row');
  const [first, second] = of('replay-env-1');
  expect((second?.ts ?? 0) - (first?.ts ?? 0)).toBe(10_000);
  expect(replay.counts().rows).toBeLessThan(5);
});

test('startReplay() says in one sentence that a file cannot be read', async () => {
  await expect(open({ file: '/nowhere.csv' })).rejects.toThrow(
    '--replay names /nowhere.csv, which cannot be read',
  );
});
