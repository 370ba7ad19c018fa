export interface SpaceParent {
  readonly id: string;
  readonly parentId: string | null;
}

/** What stands above something; nothing ends the way. */
export type Above = (id: string) => readonly string[];

/** Above, of spaces: each has one parent at most. An id that is not there ends the way. */
export function aboveSpaces(parents: ReadonlyMap<string, string | null>): Above {
  return (id) => {
    const parent = parents.get(id) ?? null;
    return parent === null ? [] : [parent];
  };
}

/**
 * The shortest circle that something is part of.
 * @returns its ids from `id` back to `id`; null when it lies on none, though it may lead into one
 */
export function findCycle(above: Above, id: string): string[] | null {
  const below = new Map<string, string>();
  // Grows while it is walked.
  const reached = [id];
  for (const at of reached) {
    for (const next of above(at)) {
      if (next === id) return pathTo(at, id, below);
      if (below.has(next)) continue;
      below.set(next, at);
      reached.push(next);
    }
  }
  return null;
}

function pathTo(end: string, id: string, below: ReadonlyMap<string, string>): string[] {
  const path = [id];
  for (let at: string | undefined = end; at !== undefined && at !== id; at = below.get(at)) path.push(at);
  return [...path, id].toReversed();
}

/**
 * Circles among what stands above each other, in time linear in the number of steps; where circles share a part, at
 * least one of them.
 * @param ids where to begin, in the order in which circles are told
 * @returns the ids of each circle, beginning and ending where it was first met
 */
export function findCycles(above: Above, ids: Iterable<string>): string[][] {
  const settled = new Set<string>();
  const cycles: string[][] = [];
  for (const first of ids) {
    if (settled.has(first)) continue;
    const path = [{ id: first, rest: above(first).values() }];
    const onPath = new Set([first]);
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const { done, value: next } = at.rest.next();
      if (done === true) {
        path.pop();
        onPath.delete(at.id);
        settled.add(at.id);
      } else if (onPath.has(next)) {
        const from = path.findIndex(({ id }) => id === next);
        cycles.push([...path.slice(from).map(({ id }) => id), next]);
      } else if (!settled.has(next)) {
        path.push({ id: next, rest: above(next).values() });
        onPath.add(next);
      }
    }
  }
  return cycles;
}
