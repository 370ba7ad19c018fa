/** Units that rubrics count in; the whole ones take integers only. Free of imports: the verifier carries it. */
export const rubricUnits = [
  '%',
  'd',
  'm2',
  '10k-CNY',
  'pilots',
  'enterprises',
  'functions',
  'events/a',
  'institutions',
] as const;
export type RubricUnit = (typeof rubricUnits)[number];
const wholeUnits: ReadonlySet<string> = new Set<RubricUnit>([
  'pilots',
  'enterprises',
  'functions',
  'events/a',
  'institutions',
]);

/** Whether a quantity in this unit is a number of things. */
export function isWholeUnit(unit: string): boolean {
  return wholeUnits.has(unit);
}
