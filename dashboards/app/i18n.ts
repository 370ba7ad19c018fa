import { useCallback } from 'react';
import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { Bilingual } from '#schemas/device-class.ts';
import { en } from '../words/en.ts';
import { zhCN } from '../words/zh-CN.ts';
import type { Words } from '../words/zh-CN.ts';
import type { Language } from './preferences.ts';
import { usePreferences } from './preferences.ts';
import { addWordForms } from './word-forms.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: Words };
  }
}

/** Both catalogues come with the first script: they are small, and switching is then immediate. */
export async function startWords(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'zh-CN',
    resources: { 'zh-CN': { translation: zhCN }, en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  addWordForms(i18next);
}

export async function switchLanguage(language: Language): Promise<void> {
  usePreferences.getState().set({ language });
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

/** The words of the console in the chosen language. */
export function useWords() {
  const { t } = useTranslation();
  return t;
}
export type Translate = ReturnType<typeof useWords>;

/** Chooses the language of a text that the server sends in both. */
export function useBilingual(): (text: Bilingual) => string {
  const language = usePreferences((preferences) => preferences.language);
  return useCallback((text) => (language === 'en' ? text.en : text.zh), [language]);
}
