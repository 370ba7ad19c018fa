import type { Gap } from '#schemas/api/gaps.ts';
import type { Score } from '#schemas/assessment.ts';
import type { MeasuredItem } from '../assess.ts';
import { worth } from './suppose.ts';

export const namedMembers = 50;

/** A building, or what stands in its place, of a device. */
export type Places = ReadonlyMap<string, { readonly id: string; readonly name: string }>;

/** Two scores' worth apart, without the dust of binary fractions. */
export function gained(from: Score, to: Score): number {
  return Math.round((worth(to) - worth(from)) * 100) / 100;
}

/** Whether people decide inside a range without a number of ours: it may be worth more than its lower end already. */
export function isOpen({ points, conventionPoints }: Score): boolean {
  return points !== null && points.min < points.max && conventionPoints === null;
}

/** A gap of an item with nothing said beside what it brings. */
export function emptyGap({ item, score }: MeasuredItem, after: Score): Omit<Gap, 'kind' | 'effort'> {
  return {
    item: item.id,
    itemName: item.name,
    class: null,
    space: null,
    spaceName: null,
    since: null,
    function: null,
    functionName: null,
    register: null,
    band: null,
    lastSeen: null,
    ends: null,
    isPending: false,
    members: [],
    count: 1,
    before: score.points,
    after: after.points,
    gain: gained(score, after),
    isAtMost: isOpen(score),
  };
}
