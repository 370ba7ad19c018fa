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

const namesZh: Readonly<Record<string, string>> = {
  d: '天',
  m2: '平方米',
  '10k-CNY': '万元',
  mu: '亩',
  pilots: '个',
  enterprises: '家',
  functions: '类',
  'events/a': '次',
  institutions: '个',
  evaluations: '次',
  surveys: '次',
  staff: '人',
  events: '次',
  cases: '件',
  industries: '个',
  platforms: '个',
  centres: '个',
  scenarios: '个',
  fields: '个',
  devices: '台',
  spaces: '处',
};
const namesEn: Readonly<Record<string, string>> = {
  d: 'days',
  m2: 'm²',
  '10k-CNY': '× CNY 10,000',
  enterprises: 'companies',
  'events/a': 'events a year',
};

/** The unit as it follows a number in a sentence; one that is no unit of a rubric as it is. */
export function unitWord(unit: string): { readonly zh: string; readonly en: string } {
  return { zh: namesZh[unit] ?? unit, en: namesEn[unit] ?? unit };
}

/** A number with its unit, cut and not rounded: 89.99996 % must not read as 90 %. */
export function quantityText(value: number, unit: string): { readonly zh: string; readonly en: string } {
  const cut = Math.floor(value * 1e4) / 1e4;
  const { zh, en } = unitWord(unit);
  return { zh: `${cut} ${zh}`.trimEnd(), en: `${cut} ${en}`.trimEnd() };
}
