import { useRef } from 'react';

interface Row {
  readonly id: string;
}

export interface Steady<T> {
  readonly rows: readonly T[];
  /** Rows that came in between and wait. */
  readonly fresh: number;
}

/**
 * What a list shows while somebody points at it: rows stay where they are and show what changed in them, those that
 * went stay as they last were, those that follow at the end (scrolled to) are added, and those that came in between
 * wait and are counted.
 */
export function holdRows<T extends Row>(before: readonly T[], now: readonly T[]): Steady<T> {
  const current = new Map(now.map((row) => [row.id, row]));
  const shown = new Set(before.map((row) => row.id));
  const lastKnown = now.findLastIndex((row) => shown.has(row.id));
  const following = now.slice(lastKnown + 1);
  return {
    rows: [...before.map((row) => current.get(row.id) ?? row), ...following],
    fresh: now.length - following.length - now.filter((row) => shown.has(row.id)).length,
  };
}

/** Nothing refreshes under the pointer: see {@link holdRows}. Another `list` (other filters) shows at once. */
export function useSteady<T extends Row>(rows: readonly T[], held: boolean, list: string): Steady<T> {
  const shown = useRef<{ readonly list: string; readonly rows: readonly T[] }>({ list, rows });
  const steady =
    held && shown.current.list === list ? holdRows(shown.current.rows, rows) : { rows, fresh: 0 };
  shown.current = { list, rows: steady.rows };
  return steady;
}
