import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { Severity } from '#schemas/device-class.ts';

export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];
export type Mode = 'dark' | 'light';

interface Preferences {
  readonly language: Language;
  /** Null follows the system. */
  readonly mode: Mode | null;
  /** Whether an unacknowledged alarm makes itself heard. */
  readonly sound: boolean;
  readonly narrowMenu: boolean;
  /** This severity and those below are silent until then (RFC 3339); null: none. */
  readonly mute: { readonly upTo: Severity; readonly until: string } | null;
  readonly set: (
    change: Partial<Pick<Preferences, 'language' | 'mode' | 'sound' | 'narrowMenu' | 'mute'>>,
  ) => void;
}

/** What this browser remembers; nothing of it is a secret. */
export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      language: 'zh-CN',
      mode: null,
      sound: false,
      narrowMenu: false,
      mute: null,
      set: (change) => set(change),
    }),
    { name: 'parkwatch-preferences' },
  ),
);
