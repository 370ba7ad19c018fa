import { expect, test } from 'vitest';
import { saidInParkTime } from '#schemas/said-instants.ts';

test('saidInParkTime() says each instant in the park’s time, and the begin of a local day as the day', () => {
  expect(saidInParkTime('自 2025-11-21T16:00:00.000Z 起没有记录', 'Asia/Shanghai')).toBe(
    '自 2025-11-22 起没有记录',
  );
  expect(
    saidInParkTime('Last at 2026-11-21T15:51:26.333Z, before 2026-11-21T16:51:26Z', 'Asia/Shanghai'),
  ).toBe('Last at 2026-11-21 23:51:26, before 2026-11-22 00:51:26');
});

test('saidInParkTime() leaves days, other texts and what is no instant as they are', () => {
  for (const text of ['已于 2026-11-02 到期', 'T', '2026-13-41T99:00:00Z']) {
    expect(saidInParkTime(text, 'Asia/Shanghai')).toBe(text);
  }
});
