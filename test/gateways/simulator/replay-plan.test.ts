import { expect, test } from 'vitest';
import {
  createRowReader,
  findReplayPlan,
  readReplayPlan,
  replayPark,
} from '#gateways/simulator/replay-plan.ts';

const airColumns = ['date', 'pollution', 'temp', 'wnd_dir'];

test('findReplayPlan() knows a table by its columns, and says what to do about another', () => {
  expect(findReplayPlan([...airColumns, 'snow']).devices.map(({ id }) => id)).toEqual(['replay-env-city']);
  expect(() => findReplayPlan(['a', 'b'])).toThrow('--replay-plan');
});

test('createRowReader() reads times of the zone, converts units, adds up intervals and leaves out what is no number', () => {
  const plan = readReplayPlan(
    new URL('../../../gateways/simulator/replay-plans/building.yaml', import.meta.url),
  );
  const read = createRowReader(plan);
  const first = read({ time_local: '2020-01-10T08:00:00', appliances_wh: '50', t1_c: '20.1' });
  expect(first?.timeMs).toBe(Date.parse('2020-01-10T07:00:00Z'));
  expect(first?.messages).toEqual([
    { deviceId: 'replay-em-appliances', values: { active_energy_import: 0.05 } },
    { deviceId: 'replay-env-1', values: { temperature: 20.1 } },
  ]);
  const second = read({ time_local: '2020-01-10T08:10:00', appliances_wh: '70', t1_c: 'off' });
  expect(second?.messages).toEqual([
    { deviceId: 'replay-em-appliances', values: { active_energy_import: 0.12 } },
  ]);
  expect(read({ time_local: 'never', appliances_wh: '1' })).toBeNull();
});

test('createRowReader() makes numbers of texts; another text is no value', () => {
  const read = createRowReader(findReplayPlan(airColumns));
  const row = { date: '2010-01-02 00:00:00', pollution: '129.0', temp: '-4.0', wnd_dir: 'SE' };
  expect(read(row)?.messages[0]?.values).toEqual({ pm25: 129, temperature: -4, wind_direction: 135 });
  expect(read({ ...row, wnd_dir: 'CV' })?.messages[0]?.values).toEqual({ pm25: 129, temperature: -4 });
});

test('replayPark() says of every device that its values are replayed', () => {
  const { devices } = replayPark(findReplayPlan(airColumns));
  expect(devices).toMatchObject([{ id: 'replay-env-city', provenance: 'replayed' }]);
});
