import type { Gap, WhatIf } from '#schemas/api/gaps.ts';
import { decidedOf, type AssessmentRun, type MeasuredItem } from '../assess.ts';
import type { DayFacts, Member } from '../measure.ts';
import { dayIndex } from '../member-days/rows.ts';
import { decidedScore, total } from '../score.ts';
import { supposedFunction, supposedScore, worth } from './suppose.ts';

/** A building, or what stands in its place, of a device. */
export type Places = ReadonlyMap<string, { readonly id: string; readonly name: string }>;

const namedMembers = 50;
const shownGaps = 500;

/** What is missing where, most points for the least effort first. Pure. */
export function gapsOf(run: AssessmentRun, places: Places): Gap[] {
  return run.measured
    .filter(({ score: { points }, item, claims }) => claims === null && (points?.min ?? 0) < item.points)
    .flatMap((entry) => [...memberGaps(entry, places), ...functionGaps(entry)])
    .filter(({ gain }) => gain > 0)
    .toSorted((a, b) => b.gain / b.effort - a.gain / a.effort || b.gain - a.gain)
    .slice(0, shownGaps);
}

interface Lack {
  readonly kind: 'silent' | 'never' | 'gaps' | 'other';
  readonly since: string | null;
}

function lackIndex({ facts }: MeasuredItem): (member: Member) => Lack {
  const marksOf = dayIndex(facts);
  const { days = [] } = facts as { readonly days?: readonly DayFacts[] };
  return ({ deviceId }) => {
    const [shown] = marksOf(deviceId);
    const told = (shown?.marks ?? []).flatMap(({ state }, index) =>
      state === 'out' || state === 'blind' ? [] : [{ state, day: days[index]?.day ?? null }],
    );
    if (told.length === 0) return { kind: 'other', since: null };
    const last = told.findLastIndex(({ state }) => state !== 'missing');
    if (last < 0) return { kind: 'never', since: null };
    if (last === told.length - 1) return { kind: 'gaps', since: null };
    return { kind: 'silent', since: told[last]?.day ?? null };
  };
}

function memberGaps(entry: MeasuredItem, places: Places): Gap[] {
  const lackOf = lackIndex(entry);
  const lacking = entry.members
    .filter(({ standing }) => standing === 'not-counted')
    .map((member) => ({ member, lack: lackOf(member), space: places.get(member.deviceId) ?? null }));
  const groups = [
    ...Map.groupBy(lacking, ({ member, lack, space }) =>
      JSON.stringify([space?.id ?? null, member.class, lack.kind, lack.since]),
    ).values(),
  ];
  const gaps = groups.flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { lack, space, member } = first;
    return [
      gapOf(entry, { ids: own.map((each) => each.member.deviceId), ...lack, space, class: member.class }),
    ];
  });
  if (groups.length < 2) return gaps;
  // Together they may reach what none of them reaches alone.
  const all = lacking.map(({ member }) => member.deviceId);
  return [...gaps, gapOf(entry, { ids: all, kind: 'other', since: null, space: null, class: null })];
}

function gapOf(
  entry: MeasuredItem,
  group: Lack & {
    readonly ids: readonly string[];
    readonly space: Gap['space'];
    readonly class: string | null;
  },
): Gap {
  const { ids, kind, since, space } = group;
  const after = supposedScore(entry, new Set(ids));
  return {
    item: entry.item.id,
    name: entry.item.name,
    kind,
    class: group.class,
    space,
    since,
    function: null,
    members: ids.slice(0, namedMembers),
    effort: ids.length,
    before: entry.score.points,
    after: after.points ?? { min: 0, max: 0 },
    gain: gained(entry, after),
  };
}

function gained(entry: MeasuredItem, after: Parameters<typeof worth>[0]): number {
  return Math.round((worth(after) - worth(entry.score)) * 100) / 100;
}

function functionGaps(entry: MeasuredItem): Gap[] {
  const names = new Map(entry.item.functions.map(({ id, name }) => [id, name]));
  return (entry.measurement.functions ?? [])
    .filter(({ state }) => state === 'missing')
    .flatMap(({ id }) => {
      const after = supposedFunction(entry, id);
      if (after === null) return [];
      return [
        {
          item: entry.item.id,
          name: entry.item.name,
          kind: 'function' as const,
          class: null,
          space: null,
          since: null,
          function: { id, name: names.get(id) ?? { zh: id, en: id } },
          members: [],
          effort: 1,
          before: entry.score.points,
          after: after.points ?? { min: 0, max: 0 },
          gain: gained(entry, after),
        },
      ];
    });
}

/** The assessment as if these members had delivered all the time. Pure; what was decided stays decided. */
export function whatIf(run: AssessmentRun, members: readonly string[]): WhatIf {
  const wanted = new Set(members);
  const known = new Set(run.measured.flatMap((entry) => entry.members.map(({ deviceId }) => deviceId)));
  const next = run.measured.map((entry) => ({ entry, after: supposedScore(entry, wanted) }));
  const changed = next.filter(
    ({ entry: { score: before }, after }) =>
      before.points?.min !== after.points?.min ||
      before.points?.max !== after.points?.max ||
      before.conventionPoints !== after.conventionPoints,
  );
  return {
    before: run.total,
    after: total(
      next.map(({ entry, after }) => decidedScore(after, decidedOf(entry))),
      run.rubric,
    ),
    items: changed.map(({ entry, after }) => ({
      item: entry.item.id,
      name: entry.item.name,
      before: entry.score.points,
      after: after.points,
      reason: after.reason,
    })),
    unknown: members.filter((id) => !known.has(id)),
  };
}
