import type { Band, Needs, RequiredFunction, RubricItem } from '#schemas/rubric.ts';

/** What is known of a part: it is there, it is known to be lacking, or neither. */
export interface PartState {
  readonly id: string;
  readonly proven: boolean;
  readonly lacking: boolean;
}

/** The band of an item that asks nothing of this park; a name here, so that the verifier carries no schema. */
const notApplicable = 'not-applicable';

export const isCondition = ({ role }: Pick<RequiredFunction, 'role'>): boolean => role === 'condition';

/** What a band needs; where no band says so, the first one needs every required part. */
export function needsOf(item: RubricItem, band: Band): Needs | null {
  if (band.needs !== undefined) return band.needs;
  if (band !== item.bands[0] || item.bands.some(({ needs }) => needs !== undefined)) return null;
  return { all: item.functions.filter(({ role }) => role === 'required').map(({ id }) => id) };
}

/**
 * The best band all of whose needs are there; the one below the last that needs anything when even that is known to be out of
 * reach. Null while neither is known, with the parts that would tell.
 */
export function bandOf(
  item: RubricItem,
  states: readonly PartState[],
): { readonly grade: string | null; readonly open: readonly string[] } {
  const known = new Map(states.map((state) => [state.id, state]));
  const conditions = item.functions.filter(isCondition).flatMap(({ id }) => known.get(id) ?? []);
  const without = item.bands.find(({ id }) => id === notApplicable);
  if (without !== undefined && conditions.length > 0 && conditions.every(({ lacking }) => lacking))
    return { grade: without.id, open: [] };
  const asking = item.bands.flatMap((band) => {
    const needs = needsOf(item, band);
    return needs === null ? [] : [{ band, needs }];
  });
  const reached = asking.find(({ needs }) => isReached(needs, known));
  if (reached !== undefined) return { grade: reached.band.id, open: [] };
  const lowest = asking.at(-1);
  const below = lowest === undefined ? undefined : item.bands[item.bands.indexOf(lowest.band) + 1];
  if (lowest === undefined || below === undefined)
    throw new Error(`${item.id} has no bands to decide between`);
  if (isOutOfReach(lowest.needs, known)) return { grade: below.id, open: [] };
  const open = [...lowest.needs.all, ...(lowest.needs.of ?? [])].filter(
    (id) => known.get(id)?.proven !== true,
  );
  return { grade: null, open };
}

type Known = ReadonlyMap<string, PartState>;

function isReached({ all, least = 0, of = [] }: Needs, known: Known): boolean {
  const proven = (id: string) => known.get(id)?.proven === true;
  return all.every(proven) && of.filter(proven).length >= least;
}

function isOutOfReach({ all, least = 0, of = [] }: Needs, known: Known): boolean {
  const lacking = (id: string) => known.get(id)?.lacking === true;
  return all.some(lacking) || of.filter((id) => !lacking(id)).length < least;
}
