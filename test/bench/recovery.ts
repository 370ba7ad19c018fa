/** How soon a rate is what it was, decided from what was acknowledged second by second. Pure. */

/** So many seconds together are a rate: in one alone a checkpoint or a collection of garbage weighs too much. */
export const rateS = 5;

export function mean(rates: readonly number[]): number {
  return rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
}

/**
 * @param rates of each second since the disturbance was over
 * @returns seconds from the end of the disturbance until a stretch of {@link rateS} seconds began that was as fast as
 *   `enough`; null when none was
 */
export function recoveredAfterS(rates: readonly number[], enough: number): number | null {
  for (let from = 0; from + rateS <= rates.length; from++) {
    if (mean(rates.slice(from, from + rateS)) >= enough) return from;
  }
  return null;
}
