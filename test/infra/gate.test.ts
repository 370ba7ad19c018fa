import { expect, test } from 'vitest';
import { createGate, enter } from '#infra/gate.ts';

test('createGate() runs so many at a time, lets so many wait in turn, and refuses the others', async () => {
  const gate = createGate({ running: 2, waiting: 1 });
  const begun: string[] = [];
  const jobs = ['a', 'b', 'c', 'd'].map((name) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const work = () => {
      begun.push(name);
      return promise;
    };
    return { done: gate(work), resolve, reject };
  });
  const [a, b, c, d] = jobs;
  await expect(d?.done).rejects.toMatchObject({ code: 'overloaded' });
  expect(begun).toEqual(['a', 'b']);
  a?.reject(new Error('broken'));
  await expect(a?.done).rejects.toThrow('broken');
  await expect.poll(() => begun).toEqual(['a', 'b', 'c']);
  b?.resolve('B');
  c?.resolve('C');
  expect(await Promise.all([b?.done, c?.done])).toEqual(['B', 'C']);
  expect(await gate(async () => 'E')).toBe('E');
});

test('enter() keeps a place until it is given back, once', async () => {
  const gate = createGate({ running: 1, waiting: 1 });
  const leave = await enter(gate);
  const second = enter(gate);
  await expect(enter(gate)).rejects.toMatchObject({ code: 'overloaded' });
  leave();
  leave();
  (await second)();
  expect(await gate(async () => 'free')).toBe('free');
});
