import { useEffect, useRef, useState } from 'react';
import { isForPage } from './keyboard.ts';

interface RowActions<T> {
  readonly open?: ((row: T) => void) | undefined;
  /** By single letters, e.g. `a`. */
  readonly letters?: Readonly<Record<string, (row: T) => void>> | undefined;
}

/** Where Enter has a meaning of its own. */
const answersEnter = 'a, button, summary, [role="button"], [role="tab"], [role="switch"]';

function isEnterTaken(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(answersEnter) !== null;
}

/** Takes the focus from what was clicked before: Enter is for the row that is chosen now. */
function leaveFocus(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
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
      if (event.key === 'j' || event.key === 'k') {
        leaveFocus();
        const next = event.key === 'j' ? state.chosen + 1 : state.chosen - 1;
        setChosen(Math.max(0, Math.min(next, state.rows.length - 1)));
      } else if (row === undefined) return;
      else if (event.key !== 'Enter') state.actions.letters?.[event.key]?.(row);
      else if (!isEnterTaken(event.target)) state.actions.open?.(row);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return Math.min(chosen, rows.length - 1);
}
