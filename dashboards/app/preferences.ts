import { create } from 'zustand';
import { persist } from 'zustand/middleware';

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
  readonly set: (change: Partial<Pick<Preferences, 'language' | 'mode' | 'sound' | 'narrowMenu'>>) => void;
}

/** What this browser remembers; nothing of it is a secret. */
export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      language: 'zh-CN',
      mode: null,
      sound: false,
      narrowMenu: false,
      set: (change) => set(change),
    }),
    { name: 'parkwatch-preferences' },
  ),
);
