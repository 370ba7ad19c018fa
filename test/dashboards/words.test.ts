import i18next from 'i18next';
import { expect, test } from 'vitest';
import { addWordForms } from '#dashboards/app/word-forms.ts';
import { en } from '#dashboards/words/en.ts';
import { zhCN } from '#dashboards/words/zh-CN.ts';
import { readText, trackedFiles } from '#test/kit/tree.ts';

type Nested = { readonly [key: string]: string | Nested };

/** Every text of a catalogue by its dotted key. */
function flat(words: Nested, prefix = ''): Map<string, string> {
  const entries = Object.entries(words).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[`${prefix}${key}`, value]] : [...flat(value, `${prefix}${key}.`)],
  );
  return new Map(entries);
}

const placeholders = (text: string) =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name).toSorted();

test('both catalogues hold the same keys, with text and the same placeholders', () => {
  const [chinese, english] = [flat(zhCN), flat(en)];
  expect([...english.keys()].toSorted()).toEqual([...chinese.keys()].toSorted());
  for (const [key, text] of chinese) {
    const other = english.get(key) ?? '';
    expect(text.trim() !== '' && other.trim() !== '', key).toBe(true);
    expect(placeholders(other), key).toEqual(placeholders(text));
  }
});

test('English counts one thing as one: no noun in the plural after 1', async () => {
  const words = i18next.createInstance();
  await words.init({
    lng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  addWordForms(words);
  const called = new Set(['id', 'name', 'user', 'by', 'who', 'size']);
  const said = (key: string, text: string) => {
    const named = placeholders(text).map((name) => [name, called.has(name) ? 'X' : '1']);
    // A default makes any key welcome to the types.
    return words.t(key, { ...Object.fromEntries(named), defaultValue: '' });
  };
  // Sentences of the server put their numbers last.
  const texts = [...flat(en)].filter(
    ([key, text]) => !key.startsWith('phrase.') && placeholders(text).length > 0,
  );
  // Units are no nouns; packets/s is said of 0.1, too.
  const plural =
    /(?<![\d–] ?)\b1 (?:more |new |raw |active |weekend )?(?!(?:is|was|has|as|ms)\b)[a-z]+s\b(?!\/)/;
  expect(texts.map(([key, text]) => said(key, text)).filter((text) => plural.test(text))).toEqual([]);
  expect(words.t('adoptMany.title', { count: 1 })).toBe('Adopt 1 device');
  expect(words.t('adoptMany.title', { count: 12 })).toBe('Adopt 12 devices');
  expect(words.t('deviceEdit.saved', { id: 'em-1' })).toBe('em-1 was saved');
});

test('the words of the design are the words of the console', () => {
  expect(zhCN.severity).toMatchObject({ critical: '紧急', high: '重要', medium: '一般', low: '提示' });
  expect(zhCN.quality).toMatchObject({ good: '正常', uncertain: '存疑', bad: '无效' });
  expect(zhCN.gateways).toMatchObject({ rejections: '拒收簿', ledger: '收发台账', adopt: '接入' });
  expect(zhCN.provenance.simulated).toBe('模拟');
});

const sources = trackedFiles().filter(
  (name) => /^dashboards\/(app|pages|components)\/.*\.tsx?$/.test(name) || name === 'dashboards/main.tsx',
);

/** Code without its comments, line by line, numbered from 1. */
function codeLines(name: string): [number, string][] {
  const code = readText(name).replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ''));
  return code.split('\n').map((line, index) => [index + 1, line.replace(/(^|\s)\/\/.*$/, '')]);
}

test('no text for people stands outside words/', () => {
  const hardCoded = [
    /[\u3400-\u9fff]/,
    // Text between tags.
    />[^<>{}=()]*[A-Za-z]{2,}[^<>{}=()]*<\//,
    // Attributes that people read or hear.
    /\b(title|placeholder|label|aria-label|alt|okText|cancelText|description|hint)="[^"]*[A-Za-z]{2,}/,
  ];
  const found = sources.flatMap((name) =>
    codeLines(name).flatMap(([line, code]) =>
      hardCoded.some((pattern) => pattern.test(code)) ? [`${name}:${line} ${code.trim()}`] : [],
    ),
  );
  expect(found, 'move the text to dashboards/words/').toEqual([]);
});

test('no field has a width in pixels: texts grow on a large screen, and it would cut them', () => {
  const found = sources.flatMap((name) =>
    codeLines(name).flatMap(([line, code]) =>
      /style=\{\{ (minWidth|width): \d+[ ,](?!\*)/.test(code) ? [`${name}:${line} ${code.trim()}`] : [],
    ),
  );
  expect(found, "tell it in em, 14 px each: style={{ width: '10em' }}").toEqual([]);
});
