import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** By how much the old generation may grow before it is collected again, percent of what was alive. */
const growthPercent = 40;

/**
 * Tells V8, once everything has started, how large this program is. On a machine with much memory it would let short-lived
 * readings pile up to half a gigabyte before it collects for the first time; a collection now sets the measure by what
 * is alive, and what it grows by is bounded.
 */
export function settleHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
}
