import { ParkError } from '#schemas/errors.ts';

/** Runs work when there is room for it. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A gate for work that is heavy and that people can ask for as often as they like: so many at a time, so many waiting
 * in turn.
 * @throws ParkError `overloaded`, from the gate, to whoever would be one more
 */
export function createGate(limits: { readonly running: number; readonly waiting: number }): Gate {
  const queue: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < limits.running) running++;
    else if (queue.length >= limits.waiting) {
      throw new ParkError('overloaded', 'Too many ask for this at the same time; try again shortly.');
    } else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      // Who is next takes over the place.
      const next = queue.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

/**
 * Takes a place and keeps it until it is given back: for work that goes on after its answer has begun, as a stream does.
 * @returns gives the place back; calling it again does nothing
 * @throws ParkError `overloaded`
 */
export function enter(gate: Gate): Promise<() => void> {
  return new Promise((entered, refused) => {
    const stay = () => new Promise<void>((leave) => entered(leave));
    gate(stay).catch(refused);
  });
}
