import type { NameLeases } from '#infra/name-leases.ts';

/** Leases as another process would have them; `hold` says which are ours from now on. */
export function heldNames(...first: string[]): NameLeases & { hold(...names: string[]): void } {
  let held = first;
  const listeners = new Set<() => void>();
  return {
    want: () => Promise.resolve(),
    holds: (name: string) => held.includes(name),
    onChange(listener: () => void) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    hold(...names: string[]) {
      held = names;
      for (const listener of listeners) listener();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
