import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inTurns } from '#infra/turns.ts';
import type { MeasuredItem } from '#services/assessment/assess.ts';
import { gained, type Places } from '#services/assessment/gaps/gap.ts';
import { memberGaps, memberGroups } from '#services/assessment/gaps/member-gaps.ts';
import { supposed } from '#services/assessment/gaps/suppose.ts';
import { score } from '#services/assessment/score.ts';
import { blindDays, device, measured, measures, unwatched } from './made-facts.ts';

/** Derived from everything that is known, with these members as if they had delivered. */
function derivedAnew({ item, derivation, facts }: MeasuredItem, ids: readonly string[]) {
  return score(item, derivation.derive(supposed(facts, new Set(ids)), item));
}

test.each(measures)(
  'memberGaps() of $item.id says of each group what deriving anew from all days says',
  async ({ item, derivation, factsOf }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(device, { minLength: 1, maxLength: 12 }),
        blindDays,
        async (chance, blind) => {
          const entry = measured(derivation, item, unwatched(factsOf(chance), blind));
          const members = entry.members.map(({ deviceId }, index) => [deviceId, index] as const);
          const places: Places = new Map(
            members.map(([id, n]) => [id, { id: `b-${n % 3}`, name: `b-${n % 3}` }]),
          );
          const groups = memberGroups(entry, places);
          const gaps = await inTurns(memberGaps(entry, places));
          const all = groups.flatMap(({ ids }) => ids);
          expect(new Set(all).size).toBe(all.length);
          for (const [index, gap] of gaps.entries()) {
            const ids = gap.kind === 'all' ? all : (groups[index]?.ids ?? []);
            const after = derivedAnew(entry, ids);
            expect(gap).toMatchObject({
              after: after.points,
              gain: gained(entry.score, after),
              count: ids.length,
            });
          }
        },
      ),
      { numRuns: 150 },
    );
  },
);
