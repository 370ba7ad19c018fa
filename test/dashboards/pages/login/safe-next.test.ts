import { expect, test } from 'vitest';
import { safeNext } from '#dashboards/pages/login/safe-next.ts';

test('safeNext() follows paths of this console and never another site', () => {
  expect(safeNext('/alarms?severity=high')).toBe('/alarms?severity=high');
  for (const bad of [
    null,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'alarms',
    '/login?next=/',
  ]) {
    expect(safeNext(bad), String(bad)).toBe('/');
  }
});
