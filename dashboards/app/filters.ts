import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

type Values<K extends string> = Readonly<Record<K, string>>;

interface Filters<K extends string> {
  /** Empty text where the address says nothing. */
  readonly values: Values<K>;
  /** Changes the address in place: a link reproduces the view, and Back leaves the page. */
  readonly set: (change: Partial<Record<K, string | null | undefined>>) => void;
  /** True when any of them is set. */
  readonly any: boolean;
  readonly reset: () => void;
}

/** The filters of a page, kept in its address. */
export function useFilters<K extends string>(names: readonly K[]): Filters<K> {
  const [parameters, setParameters] = useSearchParams();
  const values = Object.fromEntries(names.map((name) => [name, parameters.get(name) ?? ''])) as Values<K>;
  const set = useCallback(
    (change: Partial<Record<K, string | null | undefined>>) =>
      setParameters(
        (previous) => {
          const next = new URLSearchParams(previous);
          for (const [name, value] of Object.entries<string | null | undefined>(change)) {
            if (value === null || value === undefined || value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setParameters],
  );
  return {
    values,
    set,
    any: names.some((name) => values[name] !== ''),
    reset: () => set(Object.fromEntries(names.map((name) => [name, null])) as Record<K, null>),
  };
}
