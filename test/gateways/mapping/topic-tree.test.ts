import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTopicTree } from '#gateways/mapping/topic-tree.ts';
import { parseTopicPattern, type TopicPattern } from '#schemas/mapping-topic.ts';

function pattern(text: string): TopicPattern {
  const topic = parseTopicPattern(text);
  if (typeof topic === 'string') throw new Error(topic);
  return topic;
}

function found(patterns: readonly string[], topic: string): string[] {
  const tree = createTopicTree(patterns.map((text) => ({ topic: pattern(text) })));
  return tree.find(topic.split('/'), topic).map((entry) => entry.topic.text);
}

test('find() gives every pattern that takes the topic, in the order given', () => {
  const patterns = ['a/#', '+/b', 'a/{x}', 'a/b', 'a/b/c', '+/+/+', 'a/b/#'];
  expect(found(patterns, 'a/b')).toEqual(['a/#', '+/b', 'a/{x}', 'a/b', 'a/b/#']);
  expect(found(patterns, 'a')).toEqual(['a/#']);
  expect(found(patterns, 'x')).toEqual([]);
  expect(found(['+/+/+/+/+', '+/#'], 'park/v1/demo/em-1/telemetry')).toEqual([]);
});

/** MQTT 3.1.1 §4.7, written the plain way. */
function takes(filter: readonly string[], topic: readonly string[]): boolean {
  const [head, ...rest] = filter;
  if (head === '#') return true;
  if (head === undefined || topic.length === 0) return head === undefined && topic.length === 0;
  return (head === '+' || head === topic[0]) && takes(rest, topic.slice(1));
}

test('find() is what comparing level by level would give', () => {
  const level = fc.constantFrom('a', 'b', 'c', '');
  const topic = fc.array(level, { minLength: 1, maxLength: 5 });
  const filter = fc
    .tuple(fc.array(fc.constantFrom('a', 'b', '+', ''), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'))
    .filter((text) => text !== '');
  fc.assert(
    fc.property(fc.array(filter, { maxLength: 8 }), topic, (filters, parts) => {
      const expected = filters.filter((text) => takes(text.split('/'), parts));
      expect(found(filters, parts.join('/'))).toEqual(expected);
    }),
  );
});
