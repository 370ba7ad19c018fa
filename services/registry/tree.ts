export interface SpaceParent {
  readonly id: string;
  readonly parentId: string | null;
}

/**
 * Follows the parents of a space.
 * @param parents parent by id; an id that is not there ends the way
 * @returns the ids of the circle that `id` is part of, from `id` back to `id`; null when its way ends
 */
export function findCycle(parents: ReadonlyMap<string, string | null>, id: string): string[] | null {
  const path = [id];
  const seen = new Set(path);
  for (let next = parents.get(id); next !== undefined && next !== null; next = parents.get(next)) {
    path.push(next);
    if (next === id) return path;
    // A circle further up, that this space only leads into.
    if (seen.has(next)) return null;
    seen.add(next);
  }
  return null;
}

/**
 * Every circle among the spaces, each once, in time linear in their number.
 * @param ids where to begin, in the order in which circles are told
 * @returns the ids of each circle, beginning and ending where it was first met
 */
export function findCycles(parents: ReadonlyMap<string, string | null>, ids: Iterable<string>): string[][] {
  const settled = new Set<string>();
  const cycles: string[][] = [];
  for (const id of ids) {
    const path = new Set<string>();
    let next: string | null | undefined = id;
    while (next !== undefined && next !== null && !settled.has(next) && !path.has(next)) {
      path.add(next);
      next = parents.get(next);
    }
    if (next !== undefined && next !== null && path.has(next)) {
      const circle = [...path].slice([...path].indexOf(next));
      cycles.push([...circle, next]);
    }
    for (const passed of path) settled.add(passed);
  }
  return cycles;
}
