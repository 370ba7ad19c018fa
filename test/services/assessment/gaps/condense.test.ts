import fc from 'fast-check';
import { expect, test } from 'vitest';
import { condensed } from '#services/assessment/gaps/condense.ts';
import { supposedScore } from '#services/assessment/gaps/suppose.ts';
import { blindDays, device, measured, measures, unwatched } from './made-facts.ts';

test.each(measures)(
  'condensed() of $item.id earns the same, whatever is supposed to be mended',
  ({ item, derivation, factsOf }) => {
    fc.assert(
      fc.property(
        fc.array(device, { minLength: 1, maxLength: 12 }),
        blindDays,
        fc.nat(),
        (chance, blind, seed) => {
          const entry = measured(derivation, item, unwatched(factsOf(chance), blind));
          const short = condensed(entry);
          const names = entry.members.map(({ deviceId }) => deviceId);
          const out = entry.members.filter(({ standing }) => standing === 'not-counted');
          const some = out
            .filter((_, index) => (seed >> (index % 30)) % 2 === 0)
            .map(({ deviceId }) => deviceId);
          for (const group of [[], some, out.map(({ deviceId }) => deviceId), names]) {
            const { points, conventionPoints } = supposedScore(entry, new Set(group));
            expect(supposedScore(short, new Set(group))).toMatchObject({ points, conventionPoints });
          }
        },
      ),
      { numRuns: 150 },
    );
  },
);
