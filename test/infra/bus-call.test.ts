import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAsker, startAnswering } from '#infra/bus-call.ts';
import { createBus, type SealedCall } from '#infra/bus.ts';
import { silentLog } from '#infra/log.ts';
import { createSecretBox } from '#infra/secret-box.ts';
import { ParkError } from '#schemas/errors.ts';
import { fakeClock } from '#test/kit/clock.ts';

const key = randomBytes(32);
const log = silentLog();

function park(answeringKey = key) {
  const bus = createBus((error) => {
    throw error;
  });
  const clock = fakeClock();
  const frames: SealedCall[] = [];
  bus.subscribe('ask', (frame) => frames.push(frame));
  const service = 'test';
  const ask = createAsker({ bus, box: createSecretBox(key), service, clock, deadlineMs: 5_000 });
  const answering = (answer: (method: string, body: unknown) => Promise<unknown>) =>
    startAnswering({ bus, box: createSecretBox(answeringKey), service, log, answer });
  return { ask, answering, clock, frames };
}

test('createAsker() gives what another process answers, and shows nobody what was asked', async () => {
  const { ask, answering, frames } = park();
  using _ = answering((method, body) => Promise.resolve({ method, body }));
  expect(await ask('greet', { password: 'hunter2' })).toEqual({
    method: 'greet',
    body: { password: 'hunter2' },
  });
  expect(JSON.stringify(frames)).not.toContain('hunter2');
  expect(Buffer.from(frames[0]?.sealed ?? '', 'base64').toString('latin1')).not.toContain('hunter2');
});

test('createAsker() fails as the answerer did; a bug is not told', async () => {
  const { ask, answering } = park();
  using _ = answering((method) =>
    Promise.reject(method === 'known' ? new ParkError('conflict', 'busy') : new Error('secret path')),
  );
  await expect(ask('known', {})).rejects.toMatchObject({ code: 'conflict', message: 'busy' });
  const failure: unknown = await ask('unknown', {}).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'internal' });
  expect(String(failure)).not.toContain('secret path');
});

test.each([
  ['nobody is there', null],
  ['the answerer has another key', randomBytes(32)],
])('createAsker() gives up in time when %s', async (_, otherKey) => {
  const { ask, answering, clock } = park(otherKey ?? key);
  using _answering = otherKey === null ? undefined : answering(() => Promise.resolve(1));
  const asked = expect(ask('greet', {})).rejects.toMatchObject({ code: 'unavailable' });
  await clock.advance(5_000);
  await asked;
});
