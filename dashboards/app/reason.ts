import { useCallback } from 'react';
import type { AlarmFacts } from '#schemas/alarm-facts.ts';
import { deviceOfActor } from '#schemas/alarm-reported.ts';
import { tellReason } from '#schemas/alarm-words.ts';
import type { Alarm } from './api.ts';
import { useBilingual, useWords } from './i18n.ts';
import { useMetrics } from './lookups.ts';
import { usePreferences } from './preferences.ts';

/**
 * Tells why something was raised, cleared or otherwise handled, in the chosen language; what people wrote, and what was
 * written before facts were kept, as it is.
 */
export function useReason(
  alarm?: Pick<Alarm, 'point'>,
): (told: { readonly reason: string; readonly facts: AlarmFacts | null }) => string {
  const language = usePreferences((preferences) => preferences.language);
  const both = useBilingual();
  const metricOf = useMetrics();
  const own = alarm?.point?.split('.')[1];
  return useCallback(
    ({ reason, facts }) => {
      if (facts === null) return reason;
      const { states } = metricOf({ metric: own ?? '' });
      return tellReason(facts, language === 'en' ? 'en' : 'zh', {
        state: (key) => {
          const name = states.find((each) => each.key === key)?.name;
          return name === undefined ? key : both(name);
        },
        metric: (key) => both(metricOf({ metric: key.split('.')[1] ?? key }).name),
      });
    },
    [both, language, metricOf, own],
  );
}

/** Names who did something: a person as they are, the system, or a device. */
export function useActor(): (actor: string) => string {
  const t = useWords();
  return (actor) => {
    const id = deviceOfActor(actor);
    if (id !== undefined) return t('alarm.byDevice', { id });
    return actor === 'system' ? t('alarm.system') : actor;
  };
}
