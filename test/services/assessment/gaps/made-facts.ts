import fc from 'fast-check';
import type { RubricItem } from '#schemas/rubric.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import type { MeasuredItem } from '#services/assessment/assess.ts';
import type { DayFacts, Derivation, Facts } from '#services/assessment/measure.ts';
import { derivations } from '#services/assessment/measures/derivations.ts';
import { score } from '#services/assessment/score.ts';

/** Facts of parks by chance, in the form of each measure that counts members. */

const dayMs = 86_400_000;
const startMs = Date.parse('2025-12-31T16:00:00Z');
const at = (days: number) => new Date(startMs + days * dayMs).toISOString();
const dayCount = 20;
const allDays: DayFacts[] = Array.from({ length: dayCount }, (_, n) => {
  return { day: at(n + 0.5).slice(0, 10), from: at(n), to: at(n + 1), watched: true };
});
const head = { from: at(0), to: at(dayCount), asOf: at(dayCount), timeZone: 'Asia/Shanghai', days: allDays };

/** A device by chance: days with data, when it came and went, whether it was moved or left out. */
const marks = fc.string({
  unit: fc.constantFrom('0', '1', '1', '1'),
  minLength: dayCount,
  maxLength: dayCount,
});
export const device = fc.record({
  marks,
  /** Of another of its points. */
  others: marks,
  whole: fc.boolean(),
  since: fc.option(fc.integer({ min: 0, max: dayCount })),
  until: fc.option(fc.integer({ min: 0, max: dayCount })),
  moved: fc.option(fc.integer({ min: 0, max: dayCount })),
  left: fc.integer({ min: 0, max: 9 }),
});
export type Chance = typeof device extends fc.Arbitrary<infer T> ? T : never;

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

export function itemOf(id: string): RubricItem {
  const item = rubrics.get('chengdu-2021')?.items.find((each) => each.id === id);
  if (item === undefined) throw new Error(`no item ${id}`);
  return item;
}

export function measured(derivation: Derivation, item: RubricItem, facts: Facts): MeasuredItem {
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

export function meterFacts(chance: readonly Chance[]): Facts {
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

export function coverageFacts(chance: readonly Chance[], item = 'operation.security.video-coverage'): Facts {
  const places = [0, 1, 2, 3].map((place) => ({
    spaceId: `s-${place}`,
    name: `s-${place}`,
    deviceIds: chance.flatMap((_, index) => (index % 5 === place ? [`d-${index}`] : [])),
  }));
  return {
    measure: 'space-coverage',
    version: 1,
    ...head,
    item,
    spaces: places,
    devices: chance.map((own, index) => ({ ...basic(own, index), class: 'camera' })),
    live: chance.map(live),
  } as Facts;
}

export function energyFacts(chance: readonly Chance[]): Facts {
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

/** What cameras said last: half a day before the end, some days, or never. */
const saidAt = ({ left, moved }: Chance) => (left === 9 ? null : at(dayCount - (moved ?? 10) / 20));

export function retentionFacts(chance: readonly Chance[]): Facts {
  const cameras = chance.map((own, index) => {
    const time = saidAt(own);
    const reading = time === null ? null : { time, ageS: (25 + own.left) * 86_400 };
    return { ...basic(own, index), class: 'camera', point: `d-${index}.age`, reading };
  });
  return { measure: 'video-retention', version: 1, ...head, cameras } as Facts;
}

export function pictureFacts(chance: readonly Chance[]): Facts {
  const cameras = chance.map((own, index) => {
    const time = saidAt(own);
    const picture = time === null ? null : { time, widthPx: own.whole ? 1_280 : 704, heightPx: 720 };
    return { ...basic(own, index), class: 'camera', point: `d-${index}.width`, picture };
  });
  return { measure: 'video-quality', version: 1, ...head, cameras } as Facts;
}

export function stationFacts(chance: readonly Chance[]): Facts {
  const media = ['air', 'noise', 'water-quality'] as const;
  const stations = chance.map((own, index) => ({
    ...basic(own, index),
    class: 'environment-station',
    points: [
      {
        point: `d-${index}.value`,
        medium: media[index % 3],
        expectedIntervalS: 3_600,
        firstReading: at(-20),
        good: Array.from(marksOf(own)).map((mark) => (mark === '1' ? 24 : 6)),
      },
    ],
  }));
  const publications = media.map((medium) => ({ medium, servings: 1, first: at(1), last: at(2) }));
  return { measure: 'environment-monitoring', version: 1, ...head, stations, publications } as Facts;
}

const found = { kind: 'found' } as const;

/** An item with one part for each measure that counts members; three of them are half of it. */
export const partsItem: RubricItem = (() => {
  const proofs: Record<string, NonNullable<RubricItem['functions'][number]['proofs']>> = {
    live: [
      {
        kind: 'live',
        classes: ['energy-meter'],
        metrics: ['active_energy_import'],
        least: { share: 90 },
        perDay: 1,
      },
    ],
    metered: [{ ...found, measure: 'remote-metering', least: 90 }],
    covered: [
      {
        ...found,
        measure: 'space-coverage',
        coverage: { spaces: ['key-location'], classes: ['camera'], metrics: ['online'] },
        least: 90,
      },
    ],
    registered: [
      {
        ...found,
        measure: 'registry',
        registry: {
          of: 'devices',
          classes: ['energy-meter'],
          has: { attribute: 'accuracyClass' },
          makes: 'share',
        },
        least: 60,
      },
    ],
    sharp: [{ ...found, measure: 'video-quality', bands: ['full'] }],
    kept: [{ ...found, measure: 'video-retention', least: 28 }],
    air: [{ ...found, measure: 'environment-monitoring', function: 'air' }],
  };
  const functions = Object.keys(proofs).map((id) => {
    return { id, name: { zh: id, en: id }, role: 'required' as const, proofs: proofs[id] };
  });
  const all = functions.map(({ id }) => id);
  const condition = { zh: '部分', en: 'parts' };
  const bands = [
    { id: 'all', points: { min: 10, max: 10 }, condition, ranges: [], needs: { all } },
    { id: 'half', points: { min: 5, max: 5 }, condition, ranges: [], needs: { all: [], least: 3, of: all } },
    { id: 'none', points: { min: 0, max: 0 }, condition, ranges: [] },
  ];
  return { ...itemOf('operation.energy'), id: 'made.parts', measure: 'parts', functions, bands, points: 10 };
})();

export function partsFacts(chance: readonly Chance[]): Facts {
  const id = partsItem.id;
  const entries = chance.map((own, index) => {
    const { deviceId, name, provenance, exclusion } = basic(own, index);
    return { id: deviceId, name, class: 'energy-meter', provenance, exclusion, has: own.whole ? '1' : null };
  });
  // Another point of the same devices: what counts for one part may lack days for another.
  const candidates = chance.map((own, index) => live({ ...own, marks: own.others, whole: false }, index));
  return {
    measure: 'parts',
    version: 1,
    ...head,
    item: id,
    devices: chance.map((own, index) => ({ ...basic(own, index), class: 'energy-meter' })),
    functions: partsItem.functions.map((own) => {
      return { id: own.id, proofs: own.id === 'live' ? [{ kind: 'live', candidates, spaces: [] }] : [] };
    }),
    shared: null,
    inputs: [
      meterFacts(chance),
      coverageFacts(chance, id),
      { measure: 'registry', version: 1, ...head, item: id, entries },
      pictureFacts(chance),
      retentionFacts(chance),
      stationFacts(chance),
    ],
    found: ['metered', 'covered', 'registered', 'sharp', 'kept', 'air'].map((part, input) => {
      return { part, input, given: null };
    }),
  } as Facts;
}

/** An item of each measure that counts members, with what makes facts of it. */
export const measures = [
  { item: itemOf('operation.property.remote-metering'), factsOf: meterFacts },
  {
    item: itemOf('operation.security.video-coverage'),
    factsOf: (chance: readonly Chance[]) => coverageFacts(chance),
  },
  { item: itemOf('operation.security.video-retention'), factsOf: retentionFacts },
  { item: itemOf('operation.security.video-quality'), factsOf: pictureFacts },
  { item: itemOf('operation.environment'), factsOf: stationFacts },
  { item: itemOf('operation.energy'), factsOf: energyFacts },
  { item: partsItem, factsOf: partsFacts },
].map((each) => ({ ...each, derivation: derivationOf(each.item) }));

function derivationOf({ id, measure = '' }: RubricItem): Derivation {
  const derivation = derivations.get(measure);
  if (derivation === undefined) throw new Error(`no measure of ${id}`);
  return derivation;
}

/** The same facts of a park that nobody watched on the first days, and on some others. */
export function unwatched(facts: Facts, blind: readonly number[]): Facts {
  const own = facts as Facts & { readonly days?: readonly DayFacts[]; readonly inputs?: readonly Facts[] };
  const days = own.days?.map((day, index) => ({ ...day, watched: !blind.includes(index) }));
  const inputs = own.inputs?.map((input) => unwatched(input, blind));
  return { ...own, ...(days && { days }), ...(inputs && { inputs }) };
}

/** Days that nobody watched: mostly none. */
export const blindDays = fc.oneof(
  { arbitrary: fc.constant([]), weight: 2 },
  { arbitrary: fc.uniqueArray(fc.integer({ min: 0, max: dayCount - 1 }), { maxLength: 4 }), weight: 1 },
);
