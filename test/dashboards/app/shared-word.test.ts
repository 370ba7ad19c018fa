import { expect, test } from 'vitest';
import type { Translate } from '#dashboards/app/i18n.ts';
import { sharedWord } from '#dashboards/app/shared-word.ts';
import { zhCN } from '#dashboards/words/zh-CN.ts';

const t = ((key: string) =>
  key
    .split('.')
    .reduce<unknown>((words, part) => (words as Record<string, unknown>)[part], zhCN)) as Translate;

test('sharedWord() says which way in words, also both and unknown, and leaves what it does not know', () => {
  expect(['in', 'OUT', 'both', 'unknown', true, 'gate 3', 7].map((value) => sharedWord(t, value))).toEqual([
    '进',
    '出',
    '双向',
    '未知',
    '是',
    'gate 3',
    '7',
  ]);
});
