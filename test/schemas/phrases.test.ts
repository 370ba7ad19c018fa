import { expect, test } from 'vitest';
import { inEnglish, lineOf, say, sayText } from '#schemas/phrases.ts';

test('inEnglish() fills a sentence, also with another one, and with text that looks like a place for one', () => {
  const fault = say('node-state', { given: '"{{node}}"' });
  expect(inEnglish(say('of-node', { node: 'ns=2;s=a', fault }))).toBe(
    'ns=2;s=a: code "{{node}}" stands for no state',
  );
  expect(inEnglish(say('no-state', { given: 7, metric: 'door', states: 'open, $1', most: 1 }))).toBe(
    '7 is no state of door: open, $1, or 0 to 1',
  );
});

test('lineOf() is one line of several', () => {
  expect(lineOf([say('not-connected-yet'), sayText('ECONNREFUSED')])).toBe('not connected yet; ECONNREFUSED');
  expect(lineOf([])).toBe('');
});
