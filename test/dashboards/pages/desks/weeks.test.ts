import { describe, expect, it } from 'vitest';
import { weeksOf } from '#dashboards/pages/desks/weeks.ts';

describe('weeksOf()', () => {
  it('begins weeks on Monday and leaves places of other months empty', () => {
    const weeks = weeksOf(2026, 2);
    expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-02-01']);
    expect(weeks.at(-1)?.[5]).toBe('2026-02-28');
    expect(weeks.at(-1)?.[6]).toBeNull();
  });
});
