/** Units that rubrics count in; all but the measured ones take integers only. Free of imports: the verifier carries it. */
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
  'evaluations',
  'surveys',
  'staff',
  'events',
  'cases',
  'industries',
  'platforms',
  'centres',
  'scenarios',
  'fields',
  'mu',
] as const;
export type RubricUnit = (typeof rubricUnits)[number];
const measuredUnits: ReadonlySet<string> = new Set<RubricUnit>(['%', 'd', 'm2', '10k-CNY', 'mu']);

/** Whether a quantity in this unit is a number of things. */
export function isWholeUnit(unit: string): boolean {
  return !measuredUnits.has(unit);
}
