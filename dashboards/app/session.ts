import { createContext, useContext } from 'react';
import type { Bilingual } from '#schemas/device-class.ts';
import type { Role } from '#schemas/roles.ts';
import { saidInParkTime } from '#schemas/said-instants.ts';
import type { Me } from './api.ts';
import type { TimeStyle } from './format.ts';
import { formatTime } from './format.ts';
import { useBilingual } from './i18n.ts';

/** Who is logged in, and the park they see; given by the shell to every page behind the login. */
export const SessionContext = createContext<Me | null>(null);

/** @throws Error outside the shell: pages without a login must not ask. */
export function useSession(): Me {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession() needs the shell around it');
  return session;
}

/** A text of the server in the chosen language, its instants in the park's time. */
export function useParkText(): (text: Bilingual) => string {
  const both = useBilingual();
  const { timeZone } = useSession();
  return (text) => saidInParkTime(both(text), timeZone);
}

/** True when the role of the user is one of these (what the server would answer, so that buttons do not lie). */
export function useMay(allowed: readonly Role[]): boolean {
  return allowed.includes(useSession().user.role);
}

/** Formats instants (epoch ms or RFC 3339) in the park's time zone. */
export function useParkTime(): (time: number | string | null | undefined, style?: TimeStyle) => string {
  const { timeZone } = useSession();
  return (time, style) =>
    time === null || time === undefined
      ? '—'
      : formatTime(typeof time === 'string' ? Date.parse(time) : time, timeZone, style);
}
