import type { Gap, GapCondition } from '#schemas/api/gaps.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { MeasuredItem } from '../assess.ts';
import { factsWithin, spaceDevices, type DayFacts, type Facts, type Member } from '../measure.ts';
import { dayFactsOf, dayIndex, type DayMark } from '../member-days/rows.ts';
import { condensed } from './condense.ts';
import { memberEffort } from './effort.ts';
import { emptyGap, namedMembers, type Places } from './gap.ts';
import { supposedScore } from './suppose.ts';

/** Members that do not count, by what they lack, of which class and where: pure. */

/** Groups of one item that are told apart, the largest; the others are in `all` alone. */
const groupsEach = 30;
/** Of an item that is not condensed: each is derived from all its days. */
const openGroupsEach = 5;

interface Lack {
  readonly kind: 'silent' | 'never' | 'gaps' | 'empty' | 'other';
  readonly since: string | null;
}

export interface MemberGroup extends Lack {
  readonly class: string;
  readonly space: { readonly id: string; readonly name: string } | null;
  readonly ids: readonly string[];
}

/** The parts of facts that tell what cameras said last. */
interface CameraShaped extends Facts {
  readonly cameras?: readonly {
    readonly deviceId: string;
    readonly reading?: { readonly time: string } | null;
    readonly picture?: { readonly time: string } | null;
  }[];
}

/** What a member lacks; made once for all members of an item. */
function lackIndex(facts: Facts): (deviceId: string) => Lack {
  const marksOf = dayIndex(facts);
  const inSpace = spaceDevices(facts);
  const days = dayFactsOf(facts);
  const calendar = localCalendar(facts.timeZone);
  const cameras = factsWithin(facts).flatMap((each) => (each as CameraShaped).cameras ?? []);
  const said = new Map(
    cameras.map(({ deviceId, reading, picture }) => [deviceId, reading ?? picture ?? null]),
  );
  return (id) => {
    const last = said.get(id);
    if (last === null) return { kind: 'never', since: null };
    if (last !== undefined) return { kind: 'silent', since: calendar.dayOf(Date.parse(last.time)) };
    const inside = inSpace.get(id);
    if (inside?.length === 0) return { kind: 'empty', since: null };
    const [shown] = (inside ?? [id]).flatMap((deviceId) => marksOf(deviceId));
    return lackOf(shown?.marks ?? [], days);
  };
}

function lackOf(marks: readonly DayMark[], days: readonly DayFacts[]): Lack {
  const told = marks.flatMap(({ state }, index) =>
    state === 'out' || state === 'blind' ? [] : [{ state, day: days[index]?.day ?? null }],
  );
  if (told.length === 0) return { kind: 'other', since: null };
  const last = told.findLastIndex(({ state }) => state !== 'missing');
  if (last < 0) return { kind: 'never', since: null };
  if (last === told.length - 1) return { kind: 'gaps', since: null };
  return { kind: 'silent', since: told[last]?.day ?? null };
}

/** Members that a measure counts by what they deliver; records and claims are no such. */
function lacking({ members, claims, item }: MeasuredItem): Member[] {
  if (claims !== null || item.records !== undefined) return [];
  return members.filter(({ standing, deviceId }) => standing === 'not-counted' && !deviceId.includes('/'));
}

/** All groups of an item, the largest first. */
export function memberGroups(entry: MeasuredItem, places: Places): MemberGroup[] {
  const own = lacking(entry);
  if (own.length === 0) return [];
  const lackOfMember = lackIndex(entry.facts);
  const told = own.map((member) => ({
    member,
    lack: lackOfMember(member.deviceId),
    space: places.get(member.deviceId) ?? null,
  }));
  const groups = Map.groupBy(told, ({ member, lack, space }) =>
    JSON.stringify([space?.id ?? null, member.class, lack.kind, lack.since]),
  );
  return [...groups.values()]
    .flatMap((group): MemberGroup[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { lack, space, member } = first;
      return [{ ...lack, class: member.class, space, ids: group.map((each) => each.member.deviceId) }];
    })
    .toSorted((a, b) => b.ids.length - a.ids.length);
}

/**
 * Each group with what it would bring alone; and all of them, for together they may reach what none reaches alone. Pauses after
 * each.
 */
export function* memberGaps(entry: MeasuredItem, places: Places): Generator<void, Gap[]> {
  const groups = memberGroups(entry, places);
  if (groups.length === 0) return [];
  yield;
  const short = condensed(entry);
  const isOpen = short === entry;
  const gaps: Gap[] = [];
  for (const group of groups.slice(0, isOpen ? openGroupsEach : groupsEach)) {
    yield;
    gaps.push(groupGap(entry, short, group));
  }
  if (groups.length < 2) return gaps;
  yield;
  const ids = groups.flatMap((group) => group.ids);
  const all: Gap = {
    ...emptyGap(entry, supposedScore(short, new Set(ids))),
    kind: 'all',
    members: ids.slice(0, namedMembers),
    count: ids.length,
    effort: groups.reduce((sum, group) => sum + memberEffort(group.kind, group.ids.length), 0),
  };
  return [...gaps, all];
}

function groupGap(entry: MeasuredItem, short: MeasuredItem, group: MemberGroup): Gap {
  const { ids, kind, since, space } = group;
  return {
    ...emptyGap(entry, supposedScore(short, new Set(ids))),
    kind,
    since,
    class: group.class,
    space: space?.id ?? null,
    spaceName: space?.name ?? null,
    members: ids.slice(0, namedMembers),
    count: ids.length,
    effort: memberEffort(kind, ids.length),
  };
}

/** The members that a condition means, out of the groups of its item as they are now. */
export function membersOf(groups: readonly MemberGroup[], condition: GapCondition): string[] {
  const { kind, since, space } = condition;
  return groups
    .filter(
      (group) =>
        kind === 'all' ||
        (group.kind === kind &&
          group.since === since &&
          group.class === condition.class &&
          (group.space?.id ?? null) === space),
    )
    .flatMap(({ ids }) => ids);
}
