import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rubrics } from '#schemas/rubrics/index.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import type { MeasuredItem } from '#services/assessment/assess.ts';
import { condensed } from '#services/assessment/gaps/condense.ts';
import { supposedScore } from '#services/assessment/gaps/suppose.ts';
import type { DayFacts, Derivation, Facts } from '#services/assessment/measure.ts';
import { functions } from '#services/assessment/measures/functions/derive.ts';
import { remoteMetering } from '#services/assessment/measures/remote-metering/derive.ts';
import { spaceCoverage } from '#services/assessment/measures/space-coverage/derive.ts';
import { score } from '#services/assessment/score.ts';

const dayMs = 86_400_000;
const startMs = Date.parse('2025-12-31T16:00:00Z');
const at = (days: number) => new Date(startMs + days * dayMs).toISOString();
const dayCount = 20;
const days: DayFacts[] = Array.from({ length: dayCount }, (_, n) => {
  return { day: at(n + 0.5).slice(0, 10), from: at(n), to: at(n + 1), watched: true };
});
const head = { from: at(0), to: at(dayCount), asOf: at(dayCount), timeZone: 'Asia/Shanghai', days };

/** A device by chance: days with data, when it came and went, whether it was moved or left out. */
const device = fc.record({
  marks: fc.string({ unit: fc.constantFrom('0', '1', '1', '1'), minLength: dayCount, maxLength: dayCount }),
  whole: fc.boolean(),
  since: fc.option(fc.integer({ min: 0, max: dayCount })),
  until: fc.option(fc.integer({ min: 0, max: dayCount })),
  moved: fc.option(fc.integer({ min: 0, max: dayCount })),
  left: fc.integer({ min: 0, max: 9 }),
});
type Chance = typeof device extends fc.Arbitrary<infer T> ? T : never;

const basic = (own: Chance, index: number) => ({
  deviceId: `d-${index}`,
  name: `d-${index}`,
  provenance: 'field' as const,
  service: [{ from: at(own.since ?? -9), to: own.until === null ? null : at(own.until) }],
  exclusion: own.left === 0 ? { zh: '排除', en: 'left out' } : null,
  heldS: 0,
});
const marksOf = (own: Chance) => (own.whole ? '1'.repeat(dayCount) : own.marks);
const live = (own: Chance, index: number) => ({
  deviceId: `d-${index}`,
  point: `d-${index}.online`,
  marks: marksOf(own),
  since: own.moved === null ? null : at(own.moved),
});

function itemOf(id: string): RubricItem {
  const item = rubrics.get('chengdu-2021')?.items.find((each) => each.id === id);
  if (item === undefined) throw new Error(`no item ${id}`);
  return item;
}

function measured(derivation: Derivation, item: RubricItem, facts: Facts): MeasuredItem {
  const measurement = derivation.derive(facts, item);
  const members = derivation.members(facts, item);
  return {
    item,
    derivation,
    facts,
    measurement,
    members,
    score: score(item, measurement),
    demo: false,
    computed: null,
    claims: null,
    decision: null,
  };
}

function meterFacts(chance: readonly Chance[]): Facts {
  const meters = chance.map((own, index) => ({
    ...basic(own, index),
    class: 'water-meter',
    medium: 'water',
    point: `d-${index}.volume`,
    received: marksOf(own),
    firstReading: at(-20),
  }));
  return { measure: 'remote-metering', version: 1, ...head, meters } as Facts;
}

function coverageFacts(chance: readonly Chance[]): Facts {
  const places = [0, 1, 2, 3].map((place) => ({
    spaceId: `s-${place}`,
    name: `s-${place}`,
    deviceIds: chance.flatMap((_, index) => (index % 5 === place ? [`d-${index}`] : [])),
  }));
  return {
    measure: 'space-coverage',
    version: 1,
    ...head,
    item: 'operation.security.video-coverage',
    spaces: places,
    devices: chance.map((own, index) => ({ ...basic(own, index), class: 'camera' })),
    live: chance.map(live),
  } as Facts;
}

function energyFacts(chance: readonly Chance[]): Facts {
  const item = itemOf('operation.energy');
  const found = item.functions.flatMap(({ id, proofs }) =>
    proofs === undefined
      ? []
      : [
          {
            id,
            proofs: proofs.map(({ kind }) =>
              kind === 'live'
                ? { kind, candidates: chance.map(live), spaces: [] }
                : { kind, rules: [{ ruleId: 'r', version: 1 }] },
            ),
          },
        ],
  );
  return {
    measure: 'functions',
    version: 1,
    ...head,
    item: item.id,
    devices: chance.map((own, index) => ({ ...basic(own, index), class: 'energy-meter' })),
    functions: found,
    shared: null,
  } as Facts;
}

test.each([
  ['operation.property.remote-metering', remoteMetering, meterFacts],
  ['operation.security.video-coverage', spaceCoverage, coverageFacts],
  ['operation.energy', functions, energyFacts],
] as const)(
  'condensed() of %s earns the same, whatever is supposed to be mended',
  (id, derivation, factsOf) => {
    fc.assert(
      fc.property(fc.array(device, { minLength: 1, maxLength: 12 }), fc.nat(), (chance, seed) => {
        const entry = measured(derivation, itemOf(id), factsOf(chance));
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
      }),
      { numRuns: 150 },
    );
  },
);
