import { useRef } from 'react';

interface Steady<T> {
  readonly rows: readonly T[];
  /** Rows that came while the order was held. */
  readonly fresh: number;
}

/**
 * Keeps rows where they are while somebody points at them: what changed is shown in place, what is new waits and is
 * counted, what is gone stays as it last was. Nothing refreshes under the pointer.
 */
export function useSteady<T extends { readonly id: string }>(rows: readonly T[], held: boolean): Steady<T> {
  const shown = useRef<readonly T[]>(rows);
  if (held) {
    const now = new Map(rows.map((row) => [row.id, row]));
    const before = new Set(shown.current.map((row) => row.id));
    shown.current = shown.current.map((row) => now.get(row.id) ?? row);
    return { rows: shown.current, fresh: rows.filter((row) => !before.has(row.id)).length };
  }
  shown.current = rows;
  return { rows, fresh: 0 };
}
