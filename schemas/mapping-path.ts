/**
 * The path of a value inside a JSON payload, as written in a mapping.
 *
 *   path   = "." | [ "$" ] step …          "." is the item itself; "$" begins at the whole payload
 *   step   = [ "." ] name | "." "*" | "*"  a member by its name; "*" is each member of an object
 *          | "[" digits "]" | "[*]"        an element by its index; each element of an array
 *          | '["' text '"]'                a member whose name holds ".", "[", "*" or spaces
 *
 * Without "$" a path begins at the item that `each` names, which is the whole payload where there is no `each`.
 * Names are taken as they stand: `switch:0`, `ENERGY`, `有功功率` need no quotes.
 */

export type PathStep =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'every'; readonly of: 'members' | 'elements' };

export interface MappingPath {
  /** As it was written; for sentences. */
  readonly text: string;
  /** Begins at the whole payload, wherever it is used. */
  readonly fromRoot: boolean;
  readonly steps: readonly PathStep[];
  /** Names more than one value. */
  readonly wild: boolean;
}

/** Longer than any payload is deep. */
export const pathLength = 256;

const step = /\.?\*|\[\*\]|\[(\d{1,6})\]|\["([^"]+)"\]|(\.?)([^.[\]*"]+)/y;

/** Reads a path; null when it is none. */
export function parseMappingPath(text: string): MappingPath | null {
  if (text.length === 0 || text.length > pathLength) return null;
  if (text === '.') return { text, fromRoot: false, steps: [], wild: false };
  const fromRoot = text.startsWith('$');
  const steps: PathStep[] = [];
  let at = fromRoot ? 1 : 0;
  while (at < text.length) {
    step.lastIndex = at;
    const match = step.exec(text);
    if (match === null) return null;
    const [whole, index, quoted, dot, name] = match;
    const first = at === 0;
    // A member follows a dot, except where the path begins with it.
    if ((name !== undefined || whole.endsWith('*')) && whole !== '[*]') {
      if (first === (dot === '.' || whole.startsWith('.'))) return null;
    }
    if (name !== undefined) steps.push({ kind: 'member', name });
    else if (quoted !== undefined) steps.push({ kind: 'member', name: quoted });
    else if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
    else steps.push({ kind: 'every', of: whole === '[*]' ? 'elements' : 'members' });
    at += whole.length;
  }
  return { text, fromRoot, steps, wild: steps.some(({ kind }) => kind === 'every') };
}

/** What a path begins at. */
export interface PathScope {
  readonly root: unknown;
  readonly item: unknown;
}

/** The one value that a path without "*" names; undefined where the payload has nothing there. */
export function valueAt(path: MappingPath, { root, item }: PathScope): unknown {
  let value = path.fromRoot ? root : item;
  for (const one of path.steps) {
    if (one.kind === 'every') return undefined;
    value = one.kind === 'index' ? elementOf(value, one.index) : memberOf(value, one.name);
    if (value === undefined) return undefined;
  }
  return value;
}

/** One of the values that a path with "*" names. */
export interface PathItem {
  readonly value: unknown;
  /** Name of the innermost member that "*" stood for. */
  readonly key: string | null;
  /** Index of the innermost element that "[*]" stood for. */
  readonly index: number | null;
}

/** Every value that a path names, in the order of the payload; null when there are more than `most`. */
export function itemsAt(path: MappingPath, root: unknown, most: number): PathItem[] | null {
  let items: PathItem[] = [{ value: root, key: null, index: null }];
  for (const one of path.steps) {
    const next: PathItem[] = [];
    for (const item of items) {
      next.push(...stepInto(item, one));
      if (next.length > most) return null;
    }
    items = next;
  }
  return items;
}

function stepInto(item: PathItem, one: PathStep): PathItem[] {
  const { value } = item;
  if (one.kind !== 'every') {
    const found = one.kind === 'index' ? elementOf(value, one.index) : memberOf(value, one.name);
    return found === undefined ? [] : [{ ...item, value: found }];
  }
  if (one.of === 'elements') {
    return Array.isArray(value)
      ? value.map((inner: unknown, index) => ({ value: inner, key: item.key, index }))
      : [];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).map(([key, inner]) => ({ value: inner as unknown, key, index: item.index }));
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function elementOf(value: unknown, index: number): unknown {
  return Array.isArray(value) ? (value as unknown[])[index] : undefined;
}
