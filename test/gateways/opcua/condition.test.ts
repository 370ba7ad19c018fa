import { describe, expect, test } from 'vitest';
import {
  conditionKey,
  createConditionBook,
  severityOf,
  type Condition,
  type ConditionEvent,
} from '#gateways/opcua/condition.ts';
import { reportedKeySchema } from '#schemas/alarm-reported.ts';

const nowMs = Date.parse('2026-03-01T08:00:00Z');
const base: Condition = {
  kind: 'condition',
  eventId: '01',
  conditionId: 'nsu=urn:x;s=High',
  branchId: null,
  sourceNode: 'nsu=urn:x;s=Boiler',
  sourceName: 'Boiler',
  conditionName: 'High',
  timeMs: nowMs - 1_000,
  message: 'too hot',
  severity: 700,
  isActive: true,
  isAcknowledged: false,
  isRetained: true,
  user: '',
  comment: '',
};

function book() {
  const sources = [{ nodeId: 'nsu=urn:x;s=Boiler', deviceId: 'boiler-1' }];
  const conditions = createConditionBook('plant', { notifier: 'i=2253', sources });
  const take = (event: ConditionEvent) =>
    conditions.take(event, nowMs).map(({ event: { type, timeMs } }) => `${type} ${timeMs - nowMs}`);
  const of = (more: Partial<Condition>) => take({ ...base, ...more });
  take({ kind: 'refresh-start' });
  take({ kind: 'refresh-end' });
  return { conditions, take, of };
}

test('severityOf() tells the bands of 1 to 1,000 apart', () => {
  expect([1, 400, 401, 600, 601, 800, 801, 1_000].map(severityOf).join(' ')).toBe(
    'low low medium medium high high critical critical',
  );
});

test('conditionKey() is a key of the contract, however long or strange the ConditionId is', () => {
  for (const id of ['nsu=urn:x;s=High', `s=${'x'.repeat(500)}`, 's=a#b', 's=a\u0000b'])
    expect(reportedKeySchema.safeParse(conditionKey('plant', id)).success).toBe(true);
  expect(conditionKey('plant', 's=a#b')).not.toBe(conditionKey('plant', 's=a#c'));
});

describe('createConditionBook()', () => {
  test('tells each change once, and another severity again', () => {
    const { of } = book();
    expect(of({})).toEqual(['alarm.raised -1000']);
    expect(of({})).toEqual([]);
    expect(of({ severity: 900 })).toEqual(['alarm.raised -1000']);
    expect(of({ severity: 900, isAcknowledged: true })).toEqual(['alarm.acknowledged -1000']);
    expect(of({ isActive: false, isAcknowledged: true, isRetained: false })).toEqual(['alarm.cleared -1000']);
  });

  test('does not take the end of an unacknowledged occurrence for its acknowledgement', () => {
    const { conditions, of } = book();
    of({ eventId: '01' });
    const branch = { branchId: 'g=1', eventId: '02' };
    expect(of(branch)).toEqual([]);
    expect(of({ eventId: '03', isActive: false, isAcknowledged: true })).toEqual(['alarm.cleared -1000']);
    expect([...(conditions.get('opcua:plant:nsu=urn:x;s=High')?.earlier.values() ?? [])]).toMatchObject([
      { eventId: '02' },
    ]);
    expect(of({ ...branch, isAcknowledged: true, isRetained: false, timeMs: nowMs })).toEqual([
      'alarm.acknowledged 0',
    ]);
  });

  test('dates the acknowledgement of an earlier occurrence before the one that followed it', () => {
    const { of } = book();
    of({ timeMs: nowMs - 9_000 });
    of({ branchId: 'g=1', timeMs: nowMs - 9_000 });
    of({ isActive: false, isAcknowledged: true, timeMs: nowMs - 8_000 });
    of({ timeMs: nowMs - 5_000 });
    expect(of({ branchId: 'g=1', isAcknowledged: true, isRetained: false })).toEqual([
      'alarm.acknowledged -9000',
    ]);
  });

  test('ends what a refresh tells of no more, and what was open before this start', () => {
    const { conditions, take, of } = book();
    of({});
    of({ conditionId: 'nsu=urn:x;s=Low' });
    take({ kind: 'refresh-start' });
    expect(of({})).toEqual([]);
    expect(take({ kind: 'refresh-end' })).toEqual(['alarm.cleared 0']);
    const open = ['opcua:plant:nsu=urn:x;s=High', 'opcua:plant:old', 'loop 1/12', 'opcua:other:x'];
    const ended = conditions.refreshed(
      open.map((key) => ({ deviceId: 'boiler-1', key })),
      nowMs,
    );
    expect(ended.map(({ event }) => event.data['alarm'])).toEqual(['opcua:plant:old']);
  });

  test('dates an old condition that a refresh tells of by now, and says since when', () => {
    const { conditions, take } = book();
    take({ kind: 'refresh-start' });
    const [told] = conditions.take({ ...base, timeMs: nowMs - 3_600_000 }, nowMs);
    expect(told?.event).toMatchObject({ timeMs: nowMs, data: { since: '2026-03-01T07:00:00.000Z' } });
  });

  test('takes the time of arrival for one that cannot be', () => {
    const { conditions } = book();
    const [told] = conditions.take({ ...base, timeMs: nowMs + 86_400_000 }, nowMs);
    expect(told?.event.timeMs).toBe(nowMs);
  });
});
