import { describe, expect, it } from 'vitest';
import { followFlood, groupByCause, type FloodAlarm } from '#services/alarms/flood.ts';

const minuteMs = 60_000;
const none = { beganMs: null, peak: 0 };

describe('followFlood()', () => {
  const times = (count: number, fromMs = 0) => Array.from({ length: count }, (_, i) => fromMs + i * 1_000);

  it('begins with the first of more than ten in ten minutes', () => {
    expect(followFlood(none, times(10, 1), minuteMs)).toEqual(none);
    expect(followFlood(none, times(11, 1), minuteMs)).toEqual({ beganMs: 1, peak: 11 });
    expect(followFlood(none, times(11), 11 * minuteMs)).toEqual(none);
  });

  it('goes on with five, remembers its peak, and is over with fewer', () => {
    const flooded = { beganMs: 0, peak: 11 };
    expect(followFlood(flooded, times(5, 1), minuteMs)).toEqual(flooded);
    expect(followFlood(flooded, times(20, 1), minuteMs)).toEqual({ beganMs: 0, peak: 20 });
    expect(followFlood(flooded, times(4, 1), minuteMs)).toEqual({ beganMs: null, peak: 11 });
  });
});

describe('groupByCause()', () => {
  let next = 1;
  const alarm = (change: Partial<FloodAlarm> = {}): FloodAlarm => {
    const id = next++;
    return {
      id: String(id),
      severity: 'medium',
      acknowledged: false,
      raisedMs: id * 1_000,
      deviceId: `d${id}`,
      deviceName: `Device ${id}`,
      parentId: null,
      parentName: null,
      silentSource: null,
      ruleId: `r${id}`,
      ruleName: `Rule ${id}`,
      ruleNameEn: null,
      spaceId: null,
      spaceName: null,
      ...change,
    };
  };
  const told = (alarms: FloodAlarm[]) =>
    groupByCause(alarms).map(({ kind, id, count }) => `${kind} ${id} ${count}`);

  it('takes first what most have in common, then of what is left', () => {
    const ofRule = { ruleId: 'offline', ruleName: 'Offline' };
    const ofSwitch = { parentId: 'sw-1', parentName: 'Switch 1' };
    expect(
      told([
        ...Array.from({ length: 5 }, () => alarm({ ...ofRule, ...ofSwitch })),
        ...Array.from({ length: 3 }, () => alarm({ spaceId: 'b2', spaceName: 'B2' })),
        alarm(),
      ]),
    ).toEqual(['parent sw-1 5', 'space b2 3', 'other  1']);
    expect(
      told([...Array.from({ length: 4 }, () => alarm(ofRule)), alarm({ ...ofRule, ...ofSwitch })]),
    ).toEqual(['rule offline 5']);
  });

  it('puts a device and those below it into one group', () => {
    const below = Array.from({ length: 3 }, () => alarm({ parentId: 'sw-1', parentName: 'Switch 1' }));
    expect(told([...below, alarm({ deviceId: 'sw-1', deviceName: 'Switch 1' })])).toEqual(['parent sw-1 4']);
  });

  it('tells the gravest severity, the first time and who is unacknowledged; two have nothing in common', () => {
    const same = { deviceId: 'm-1', deviceName: 'Meter 1' };
    const [cause] = groupByCause([
      alarm({ ...same, severity: 'low', raisedMs: 5_000 }),
      alarm({ ...same, severity: 'critical', raisedMs: 9_000, acknowledged: true }),
      alarm({ ...same, raisedMs: 7_000 }),
    ]);
    expect(cause).toMatchObject({
      kind: 'device',
      severity: 'critical',
      count: 3,
      unacknowledged: 2,
      firstAt: '1970-01-01T00:00:05.000Z',
    });
    expect(told([alarm(same), alarm(same)])).toEqual(['other  2']);
    expect(told([])).toEqual([]);
  });
});
