import { describe, expect, test } from 'vitest';
import { cleanId, isReservedTopic, parseTemplate, parseTopicPattern } from '#schemas/mapping-topic.ts';

describe('parseTopicPattern()', () => {
  test('makes a filter of captures', () => {
    expect(parseTopicPattern('meters/{site}/+/{deviceId}/#')).toMatchObject({
      filter: 'meters/+/+/+/#',
      captures: new Map([
        [1, 'site'],
        [3, 'deviceId'],
      ]),
    });
  });

  test.each([
    ['', /characters/],
    ['#', /every topic/],
    ['a/#/b', /before its end/],
    ['a/x-{id}', /whole levels/],
    ['a/{id}/{id}', /twice/],
    ['a/{key}', /something else/],
    ['park/v1/demo/+/telemetry', /topic of ours/],
    ['$SYS/#', /topic of ours/],
  ])('refuses %s', (text, expected) => {
    expect(parseTopicPattern(text)).toMatch(expected);
  });
});

test('isReservedTopic() is true of our topics and the broker’s only', () => {
  expect(['park/v1/x', '$SYS/a', 'parkwatch-live/v1'].every(isReservedTopic)).toBe(true);
  expect(['parking/1', 'a/park/v1'].some(isReservedTopic)).toBe(false);
});

describe('parseTemplate()', () => {
  test('reads text, captures and paths', () => {
    expect(parseTemplate('em-{box}-{@a.b[0]}')).toMatchObject({
      parts: [
        { kind: 'text', text: 'em-' },
        { kind: 'capture', name: 'box' },
        { kind: 'text', text: '-' },
        { kind: 'path', path: { text: 'a.b[0]' } },
      ],
    });
  });

  test.each(['', 'a{', 'a}', '{}', '{@}', '{@a[*]}', '{a b}'])('refuses %s', (text) => {
    expect(typeof parseTemplate(text)).toBe('string');
  });
});

describe('cleanId()', () => {
  test.each([
    ['em-1', 'em-1'],
    ['AA:BB:CC', 'AA-BB-CC'],
    [' Plug 3 ', 'Plug-3'],
    ['__x', 'x'],
    ['1号电梯', null],
    ['...', null],
    ['x'.repeat(65), null],
  ])('makes %s an id, or nothing when two devices could become one', (raw, expected) => {
    expect(cleanId(raw)).toBe(expected);
  });
});
