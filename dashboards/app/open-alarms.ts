import { useQuery } from '@tanstack/react-query';
import type { Alarm } from './api.ts';
import { api } from './api.ts';
import type { Query } from './client.ts';
import { keys } from './queries.ts';
import { severityOrder } from './theme.ts';

const mostOpen = 1_000;
const renewMs = 30_000;

type Urgency = Pick<Alarm, 'severity' | 'active' | 'acknowledged' | 'raisedAt'>;

/**
 * Highest severity first, then active before cleared (what is past never hides what is wrong now), then unacknowledged
 * before acknowledged, then newest.
 */
export function byUrgency(a: Urgency, b: Urgency): number {
  return (
    severityOrder.indexOf(a.severity) - severityOrder.indexOf(b.severity) ||
    Number(b.active) - Number(a.active) ||
    Number(a.acknowledged) - Number(b.acknowledged) ||
    Date.parse(b.raisedAt) - Date.parse(a.raisedAt)
  );
}

/** What is active or not yet acknowledged (ISA-18.2: retained); no time filter reaches it. */
export function useOpenAlarms(filter: Query = {}) {
  return useQuery({
    queryKey: [...keys.alarms, 'open', filter],
    queryFn: async () => {
      const { items } = await api.alarms({ ...filter, state: 'open', order: 'urgency', limit: mostOpen });
      return items.toSorted(byUrgency);
    },
    refetchInterval: renewMs,
  });
}
