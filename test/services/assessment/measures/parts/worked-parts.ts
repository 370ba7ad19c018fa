/** What an item comes to at each of the three steps of the example: its band, or null where nothing can be said. */
export type Steps = readonly [empty: string | null, part: string | null, full: string | null];

type Fields = Readonly<Record<string, unknown>>;
export type Line = readonly [kind: string, fields: Fields];

const document = (subjects: string): Line => [
  'document',
  { name: subjects, type: 'rules', subjects: [subjects], version: '1' },
];
const staff = (team: string, certified: boolean): Line => [
  'staff',
  { name: '某人', post: team, team, employment: 'full-time', certified },
];
const activity = (type: string): Line => ['activity', { topic: type, type, participants: 20 }];
const evaluation = (type: string): Line => ['evaluation', { subject: type, type, improved: false }];
const survey: Line = ['survey', { subject: '满意度', asked: 40, answered: 30, satisfied: 28 }];
const service = (type: string): Line => [
  'service',
  { type, name: type, provider: '园区', channels: ['online', 'offline'] },
];
const won = (type: string): Line => [
  'service-case',
  { type, enterprise: 'c-1', summary: type, channel: 'online', success: true },
];
const recognised = (type: string): Line => [
  'recognition',
  { enterprise: 'c-1', type, level: 'province', issuer: '工信局' },
];
const inspected = (type: string, result: string): Line => [
  'inspection',
  { subject: type, type, result, inspectedOn: '2026-01-05', body: '检验院' },
];
const place = (type: string): Line => ['place', { name: type, type, inside: true }];
const maintained = (type: string): Line => ['maintenance', { subject: type, type, done: true }];
const company = (n: number, fields: Fields): Line => [
  'enterprise',
  { name: `企业 ${n}`, industry: 'software', ...fields },
];

/** Written at the second step. */
export const someRecords: readonly Line[] = [
  company(1, { technology: true, relation: 'main' }),
  company(2, { technology: true, relation: 'upstream' }),
  company(3, { technology: false, relation: 'none' }),
  staff('safety', true),
  activity('safety-training'),
  evaluation('internal'),
  won('finance.loans'),
  service('finance.loans'),
  recognised('two-fusion'),
  inspected('elevator', 'failed'),
  place('restaurant'),
];

/** Written at the third. */
export const otherRecords: readonly Line[] = [
  ['park-model', { name: '电子地图', type: 'gis', coverage: 'whole' }],
  staff('safety', true),
  staff('safety', false),
  activity('safety-training'),
  survey,
  document('evaluation-report'),
  document('improvement-plan'),
  document('system-description'),
  document('running-plan'),
  document('saving-report'),
  ['green-facility', { name: '变频改造', type: 'energy-saving' }],
  won('finance.consulting'),
  recognised('gazelle'),
  inspected('electrical', 'passed'),
  maintained('equipment'),
  place('computing-centre'),
];

/** Each worked out by hand; the park has ten companies at most, and two meters, four key locations, nine places. */
export const expectedParts: Readonly<Record<string, Steps>> = {
  // 6 of 8 buildings, zones and rooms have their area written: 75 % of 90. Then the other two have, and there is a map.
  'shenzhen-self-2025/space.space-list': ['not-met', 'not-met', 'met'],
  // Every device stands in a space from the start.
  'shenzhen-self-2025/space.equipment-list': ['met', 'met', 'met'],
  // Nobody keeps the registers: nothing is known. One person of two, one training of two. Then two and two.
  'shenzhen-self-2025/operation.safety-staff': [null, 'not-met', 'met'],
  // An evaluation and no survey register yet: not known. Then everything.
  'shenzhen-self-2025/operation.evaluation': [null, null, 'met'],
  // No day was watched. 3 of 4 key locations are seen: 75 % of 90. Then all, in high definition, with a page and its text.
  'shenzhen-self-2025/operation.safety-monitoring': [null, 'not-met', 'met'],
  // A charger that says nothing, no inverter and no battery: not known. Then the inverter delivers.
  'shenzhen-self-2025/green.renewables': [null, null, 'met'],
  // The portal was opened, the panel never, and 4 of 11 devices deliver: 36 % of 90. Then both, and all deliver.
  'shenzhen-self-2025/digital.platform': [null, 'not-met', 'met'],
  // One of two meters has its accuracy class written: 50 % of 95. Then both, and both are read remotely.
  'shenzhen-self-2025/green.energy-equipment': ['not-met', 'not-met', 'met'],
  // Companies have certificates, none of these titles; then one has: any of seven is enough.
  'shenzhen-self-2025/enterprise.champions': [null, 'not-met', 'met'],
  // One success of two; then two.
  'shenzhen-dbxx/service.company-finance': [null, 'not-met', 'met'],
  // Three are asked here: one is there, then three, one of them without certificate.
  'shenzhen-dbxx/service.safety-staff': [null, 'not-met', 'met'],
  'shenzhen-dbxx/service.satisfaction': [null, null, 'met'],
  // A register of places that has neither centre: not there. Then one of the two.
  'shenzhen-dbxx/digital.compute': [null, 'not-met', 'met'],
  // Inspections failed; then the failed one has been followed by nothing: still 1 of 2 passed.
  'shenzhen-dbxx/service.public-equipment': [null, 'not-met', 'not-met'],
};
