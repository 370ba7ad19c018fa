import type { z } from 'zod';
import type { alarmsQuery } from '#schemas/api/alarms.ts';
import type { AlarmFilter } from './alarm-store.ts';

/** The filter of a list as the store takes it. */
export function toFilter(
  query: Omit<z.infer<typeof alarmsQuery>, 'limit' | 'cursor' | 'order'>,
): AlarmFilter {
  const { state, severity, device, space, deviceClass, rule, assignee, point, from, to } = query;
  return {
    state,
    severity,
    // The alarms of a device are found by an index.
    deviceId: device ?? point?.split('.', 1)[0],
    spaceId: space,
    deviceClass,
    ruleId: rule,
    assignee,
    point,
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: to === undefined ? undefined : Date.parse(to),
  };
}
