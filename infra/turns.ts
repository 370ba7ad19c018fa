/** Long computations on the one thread that serves everybody: cut into steps, with others served in between. */

/** Resolves when whoever waits has had a turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Runs a computation that pauses after each step, giving others a turn there. @returns what it returns */
export async function inTurns<T>(steps: Iterator<void, T>): Promise<T> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    await nextTurn();
  }
}
