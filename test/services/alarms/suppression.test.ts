import { describe, expect, it } from 'vitest';
import { plainReason, type AlarmFacts } from '#schemas/alarm-facts.ts';
import { judgeSuppression, type SilentAlarm } from '#services/alarms/suppression.ts';

const silent = (id: number, deviceId: string, more: Partial<SilentAlarm> = {}): SilentAlarm => ({
  id,
  deviceId,
  severity: 'medium',
  suppressedReason: null,
  source: null,
  isSourceSilent: false,
  ...more,
});
const parents = (of: Record<string, string[]>, ...away: string[]) => ({
  of: new Map(Object.entries(of)),
  away: new Set(away),
  offline: new Set<string>(),
});
const told = (reasons: Map<number, AlarmFacts>) =>
  [...reasons].map(([id, facts]) => `${id} ${plainReason(facts)}`);

describe('judgeSuppression()', () => {
  it('lets a parent that is away explain its children at any depth, and not itself', () => {
    const alarms = [silent(1, 'gw'), silent(2, 'bus'), silent(3, 'meter'), silent(4, 'other')];
    expect(told(judgeSuppression(alarms, parents({ bus: ['gw'], meter: ['bus'] }, 'gw')))).toEqual([
      '2 gw is away',
      '3 gw is away',
    ]);
  });

  it('makes one alarm of a device that is offline and so is silent', () => {
    const both = { ...parents({ meter: ['gw'] }, 'gw'), offline: new Set(['gw']) };
    expect(told(judgeSuppression([silent(1, 'gw'), silent(2, 'meter')], both))).toEqual([
      '1 the device is offline, which is an alarm already',
      '2 gw is away',
    ]);
  });

  it('leaves devices in a ring visible, and lets them explain those below', () => {
    const ring = parents({ a: ['b'], b: ['a'], c: ['a'] }, 'a', 'b');
    expect(told(judgeSuppression([silent(1, 'a'), silent(2, 'b'), silent(3, 'c')], ring))).toEqual([
      '3 a is away',
    ]);
    expect(told(judgeSuppression([silent(1, 'a')], parents({ a: ['a'] }, 'a')))).toEqual([]);
  });

  it('keeps the most severe and oldest alarm of a gateway of ours that hears nobody', () => {
    const quiet = { source: 'mqtt', isSourceSilent: true };
    const alarms = [
      silent(1, 'a', quiet),
      silent(2, 'b', { ...quiet, severity: 'high' }),
      silent(3, 'c', { ...quiet, severity: 'high' }),
      silent(4, 'd', { source: 'opcua' }),
      silent(5, 'e', { source: 'opcua', isSourceSilent: true }),
    ];
    expect(told(judgeSuppression(alarms, parents({})))).toEqual([
      '3 gateway mqtt hears nobody: see alarm 2',
      '1 gateway mqtt hears nobody: see alarm 2',
    ]);
  });
});
