import { useState } from 'react';
import { nowMs } from '../../app/clock.ts';
import { useParkTime, useSession } from '../../app/session.ts';
import { lastDays } from '../../app/zone.ts';

/** Closed-open; RFC 3339. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

export const defaultDays = 30;

/** The period that an address names; without one the last whole local days, as everywhere that assesses. */
export function useNamedPeriod({ from, to, days }: Period & { readonly days: string }): Period {
  const { timeZone } = useSession();
  const [openedMs] = useState(nowMs);
  if (from !== '' && to !== '') return { from, to };
  const last = lastDays(Number(days) || defaultDays, openedMs, timeZone);
  return { from: new Date(last.fromMs).toISOString(), to: new Date(last.toMs).toISOString() };
}

/** A period as its first and last day: the end itself is no part of it. */
export function usePeriodText(): (period: Period) => string {
  const parkTime = useParkTime();
  return ({ from, to }) => `${parkTime(from, 'day')} – ${parkTime(Date.parse(to) - 1, 'day')}`;
}
