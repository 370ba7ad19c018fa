import { useEffect, useRef, useState } from 'react';
import { isForPage } from './keyboard.ts';

interface RowActions<T> {
  readonly open?: ((row: T) => void) | undefined;
  /** By single letters, e.g. `a`. */
  readonly letters?: Readonly<Record<string, (row: T) => void>> | undefined;
}

/**
 * `j` and `k` move through a list, Enter opens, letters act on the chosen row.
 * @returns the index of the chosen row, -1 for none
 */
export function useRowKeys<T>(rows: readonly T[], actions: RowActions<T>): number {
  const [chosen, setChosen] = useState(-1);
  const latest = useRef({ rows, actions, chosen });
  latest.current = { rows, actions, chosen };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!isForPage(event)) return;
      const state = latest.current;
      const row = state.rows[state.chosen];
      if (event.key === 'j') setChosen(Math.min(state.chosen + 1, state.rows.length - 1));
      else if (event.key === 'k') setChosen(Math.max(state.chosen - 1, 0));
      else if (row === undefined) return;
      else if (event.key === 'Enter' && !(event.target instanceof HTMLAnchorElement))
        state.actions.open?.(row);
      else state.actions.letters?.[event.key]?.(row);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return Math.min(chosen, rows.length - 1);
}
