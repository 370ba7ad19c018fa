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
const profile = (floorArea: number): Line => [
  'park-profile',
  { name: '示范园', type: 'other', landArea: 15, floorArea },
];
const plan = (incident: string): Line => ['plan', { name: incident, incidents: [incident], version: '1' }];
/** Companies 4 to 40: of all forty 34 belong to the main industries, 28 are of technology. */
const manyCompanies = Array.from({ length: 37 }, (_, index) => {
  const n = index + 4;
  return company(n, { technology: n <= 29, relation: n <= 35 ? 'main' : 'none' });
});

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
  profile(25_000),
  ['licence', { enterprise: 'c-1', type: 'food', number: 'JY-1' }],
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
  ...manyCompanies,
  profile(60_000),
  ['park-recognition', { type: 'performance', rating: 'B', level: 'city', issuer: '市政府' }],
  staff('it', false),
  ...['government.consulting', 'start-up.coaching', 'talent.recruitment', 'research.transfer'].map(service),
  document('cultivation-plan'),
  ['company-case', { enterprise: 'c-1', type: 'above-scale', summary: '小升规' }],
  plan('food'),
];

/** Each worked out by hand; the park has two electricity meters, four key locations, eight buildings, zones and rooms. */
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

  // Rated B: that of the third level; A would be that of the fifth.
  'micro-park-stars/performance': [null, null, 'level-3'],
  // No manufacturing park: 25,000 m2 of 20,000 for the third level, of 50,000 for the fourth. Then 60,000 m2: the fifth.
  'micro-park-stars/scale': [null, 'level-3', 'level-5'],
  // 3 companies of 20 for the first level; then 40 of 40 for the third, of 80 for the fourth.
  'micro-park-stars/tenants': [null, 'none', 'level-3'],
  // 2 of 3 companies: 66.7 % of 60; then 34 of 40: 85 % of 80.
  'micro-park-stars/industry-focus': [null, 'level-3', 'level-5'],
  // Financing alone, plan and cases not known. Then five services (advice on policy, financing, innovation, recruitment,
  // coaching) of five for the third level, of eight for the fourth, with the plan and a company raised.
  'micro-park-stars/services': [null, null, 'level-3'],
  // A portal: the second level. Then people for it, and news that were read: the third.
  'micro-park-stars/digital': [null, 'level-2', 'level-3'],
  // 2 of 3: 66.7 % of 70. Then 28 of 40: 70 % exactly.
  'tech-park-ops/c2.3': [null, 'not-met', 'met'],
  // No date of inspection is registered. Then it is, and the panel has no fault.
  'tech-park-ops/c5.2.1.5': ['not-met', 'not-met', 'met'],
  // No day was watched. Lift and chiller are silent. Then they deliver, and both buildings have devices.
  'tech-park-ops/c6.3.b': [null, 'not-met', 'met'],
  // There is a restaurant, and no register of plans; then there is a plan for it.
  'tech-park-ops/c5.5.3.n': [null, null, 'met'],
  // Licences are kept, none for hazardous goods: nothing to plan for.
  'tech-park-ops/c5.5.3.p': [null, 'not-applicable', 'not-applicable'],
  // Loans are in the catalogue, and one was given.
  'tech-park-ops/c6.7.f': [null, 'met', 'met'],
  // Cases are kept and none is of this; then it is offered, and still given to nobody.
  'tech-park-ops/c6.12': [null, 'not-met', 'not-met'],
  'tech-park-ops/c7.3.1': [null, null, 'met'],
};
