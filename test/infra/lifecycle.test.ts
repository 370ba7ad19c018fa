import { expect, test } from 'vitest';
import { createLifecycle } from '#infra/lifecycle.ts';
import { silentLog } from '#infra/log.ts';

function parts() {
  const stopped: string[] = [];
  const part = (name: string, fails = false) => ({
    [Symbol.asyncDispose]: () => {
      stopped.push(name);
      return fails ? Promise.reject(new Error(name)) : Promise.resolve();
    },
  });
  return { stopped, part };
}

test('a lifecycle stops its parts in reverse order, and one that fails to stop does not keep the others', async () => {
  const { stopped, part } = parts();
  const lifecycle = createLifecycle(silentLog());
  await lifecycle.start('database', () => part('database'));
  await lifecycle.start('writer', () => part('writer', true));
  await lifecycle.start('gateway', () => part('gateway'));
  await lifecycle[Symbol.asyncDispose]();
  expect(stopped).toEqual(['gateway', 'writer', 'database']);
});

test('a part that starts while everything stops is stopped again', async () => {
  const { stopped, part } = parts();
  const lifecycle = createLifecycle(silentLog());
  const late = Promise.withResolvers<AsyncDisposable>();
  const starting = lifecycle.start('late', () => late.promise);
  await lifecycle[Symbol.asyncDispose]();
  late.resolve(part('late'));
  await expect(starting).rejects.toThrow('late came too late');
  expect(stopped).toEqual(['late']);
});
