import { expect, test } from 'vitest';
import { createForeignTopics, foreignLimits } from '#infra/embedded-broker/foreign-topics.ts';

test('createForeignTopics() remembers the newest message of each topic, newest first, at most once a second', () => {
  const foreign = createForeignTopics();
  foreign.note('a/1', 'first', 0);
  foreign.note('b/1', Buffer.from('other'), 10);
  foreign.note('a/1', 'too soon', 500);
  expect(foreign.list().map(({ topic }) => topic)).toEqual(['b/1', 'a/1']);
  foreign.note('a/1', 'second', foreignLimits.everyMs);
  const [newest] = foreign.list();
  expect([newest?.topic, Buffer.from(newest?.bytes ?? []).toString()]).toEqual(['a/1', 'second']);
});

test('createForeignTopics() is bounded in topics, their length, and what it keeps of a message', () => {
  const foreign = createForeignTopics();
  for (let n = 0; n <= foreignLimits.topics; n++) foreign.note(`t/${n}`, 'x'.repeat(10_000), n);
  foreign.note('l'.repeat(foreignLimits.topicLength + 1), 'x', 0);
  const list = foreign.list();
  expect(list).toHaveLength(foreignLimits.topics);
  expect(list.some(({ topic }) => topic === 't/0')).toBe(false);
  expect(list[0]?.bytes).toHaveLength(foreignLimits.bytes);
});
