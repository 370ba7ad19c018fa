import { expect, test } from 'vitest';
import { byUrgency } from '#dashboards/app/open-alarms.ts';

const alarm = (
  raisedAt: string,
  rest: { severity?: 'high' | 'medium'; active?: boolean; acknowledged?: boolean } = {},
) => ({ severity: 'medium' as const, active: true, acknowledged: false, raisedAt, ...rest });

test('byUrgency() puts what is active before what is past, however new that is', () => {
  const ordered = [
    alarm('2026-01-01T00:00:00Z', { severity: 'high', active: false }),
    alarm('2026-01-03T00:00:00Z'),
    alarm('2026-01-02T00:00:00Z'),
    alarm('2026-01-04T00:00:00Z', { acknowledged: true }),
    alarm('2026-01-09T00:00:00Z', { active: false }),
  ];
  expect(ordered.toReversed().toSorted(byUrgency)).toEqual(ordered);
});
