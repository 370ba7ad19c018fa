import { useCallback } from 'react';
import type { Alarm } from '#schemas/api/alarms.ts';
import { useBilingual } from './i18n.ts';

type Named = Pick<Alarm, 'ruleName' | 'ruleNameEn'>;

/** Names an alarm's rule in the chosen language; rules that people wrote have one name, which then serves both. */
export function useRuleName(): (alarm: Named) => string {
  const inLanguage = useBilingual();
  return useCallback(
    ({ ruleName, ruleNameEn }) => inLanguage({ zh: ruleName, en: ruleNameEn ?? ruleName }),
    [inLanguage],
  );
}
