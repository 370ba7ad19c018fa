import { definitionOf } from '#services/registry/points.ts';
import type { CounterFacts } from './judge.ts';
import type { CounterRow } from './store.ts';

/**
 * What the class and the device's own attributes say of a counter (DESIGN §6). An attribute that is no positive number
 * counts as not given.
 * @returns null when the point is no counter
 */
export function counterFacts(row: CounterRow): CounterFacts | null {
  const definition = definitionOf(row);
  if (definition.kind !== 'counter') return null;
  return {
    resolution: definition.resolution ?? 0,
    modulus: attribute(row, definition.modulusAttribute) ?? definition.modulus ?? null,
    maxRatePerH: attribute(row, definition.rateAttribute) ?? definition.maxRatePerHour ?? null,
    expectedIntervalUs: definition.expectedIntervalS * 1_000_000,
  };
}

/** The facts as a text that differs when they do. */
export function factsText({ resolution, modulus, maxRatePerH, expectedIntervalUs }: CounterFacts): string {
  return JSON.stringify([resolution, modulus, maxRatePerH, expectedIntervalUs]);
}

function attribute({ attributes }: CounterRow, key: string | undefined): number | null {
  const value = key === undefined ? undefined : attributes[key];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : null;
}
