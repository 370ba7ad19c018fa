import { expect, test } from 'vitest';
import { judgeCommand } from '#services/field-commands/verdict.ts';

const silent = { answer: null, answerReason: null, stateReached: false, expiresAtMs: 1_000 };

test.each([
  ['waits', silent, 999, null],
  ['times out', silent, 1_000, 'timed-out'],
  ['takes the answer', { ...silent, answer: 'command.confirmed' }, 5_000, 'confirmed'],
  ['takes the state', { ...silent, stateReached: true }, 500, 'confirmed'],
  [
    'believes a failure more than the state',
    { ...silent, answer: 'command.failed', stateReached: true },
    500,
    'failed',
  ],
])('judgeCommand() %s', (_, evidence, nowMs, state) => {
  expect(judgeCommand(evidence, nowMs)?.state ?? null).toBe(state);
});
