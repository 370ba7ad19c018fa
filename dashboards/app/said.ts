import { useCallback } from 'react';
import type { Said } from '#schemas/api/common.ts';
import { phraseTexts, type PhraseCode } from '#schemas/phrases.ts';
import { useWords, type Translate } from './i18n.ts';
import { useParkTime } from './session.ts';

type SayOne = (said: Said) => string | null;

function isKnown(code: string): code is PhraseCode {
  return Object.hasOwn(phraseTexts, code);
}

function isSaid(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && 'code' in value && 'params' in value;
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function sayWith(t: Translate, parkTime: (time: string) => string): SayOne {
  const one: SayOne = ({ code, params }) => {
    if (!isKnown(code)) return null;
    const values: Record<string, string> = {};
    for (const [name, value] of Object.entries(params)) {
      const text = isSaid(value) ? one(value) : String(value);
      if (text === null) return null;
      values[name] = instant.test(text) ? parkTime(text) : text;
    }
    // The codes have parameters of their own each, which no type of one call could name.
    return (t as (key: string, values: Record<string, string>) => string)(`phrase.${code}`, values);
  };
  return one;
}

/** Says what a gateway or the writer has said in the chosen language; its English where a sentence is not known here. */
export function useSaid(): (said: readonly Said[] | Said | null, english: string) => string {
  const t = useWords();
  const parkTime = useParkTime();
  return useCallback(
    (said, english) => {
      const one = sayWith(t, parkTime);
      const all = said === null ? [] : Array.isArray(said) ? said : [said];
      const texts = (all as readonly Said[]).map(one);
      return texts.length === 0 || texts.includes(null) ? english : texts.join(t('common.semicolon'));
    },
    [t, parkTime],
  );
}
