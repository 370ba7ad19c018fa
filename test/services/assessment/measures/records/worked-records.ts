import { serviceTypes } from '#schemas/registers/kinds/services.ts';

/** A record as somebody writes it; `from` and `until` are told by the example where they are absent. */
export interface Written {
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly code?: string;
  readonly from?: string;
  readonly until?: string | null;
}

export interface Example {
  /** What `GET /assessments` must say of the item; the sums are worked out beside it. */
  readonly expected: object;
  readonly records: readonly Written[];
}

const range = (min: number, max = min) => ({ min, max });
const list = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, i) => make(i));
const no = (index: number) => `c${String(index + 1).padStart(2, '0')}`;

const road = (name: string, main: boolean, ducts: boolean): Written => ({
  kind: 'road',
  fields: { name, main, ducts },
});
const building = (name: string, flags: string): Written => ({
  kind: 'building-access',
  fields: {
    name,
    riserNeeded: flags.includes('n'),
    riserWell: flags.includes('w'),
    riserPipe: flags.includes('p'),
    allOptical: flags.includes('o'),
  },
});
const pilot = (name: string): Written => ({ kind: 'fibre-pilot', fields: { name } });
const room = (fields: object): Written => ({ kind: 'technical-room', fields: { name: '房间', ...fields } });
const service = (type: string, channels: readonly string[]): Written => ({
  kind: 'service',
  fields: { type, name: `${type} 服务`, provider: '园区', channels },
});
const both = ['offline', 'online'];
const area = (name: string): string[] =>
  serviceTypes.map(({ id }) => id).filter((id) => id.startsWith(`${name}.`));
const success = (type: string, won: boolean, more: Partial<Written> = {}): Written => ({
  kind: 'service-case',
  fields: { type, enterprise: 'c01', summary: `${type} 案例`, channel: 'online', success: won },
  ...more,
});
const model = (type: string, coverage: string): Written => ({
  kind: 'park-model',
  fields: { name: type, type, coverage },
});
const cloud = (enterprise: string): Written => ({
  kind: 'cloud-use',
  fields: { enterprise, service: '云主机', provider: '某云', source: 'partner' },
});
const institution = (name: string): Written => ({ kind: 'institution', fields: { name, type: 'testing' } });
const benefit = (enterprise: string, amount: number, more: Partial<Written> = {}): Written => ({
  kind: 'benefit',
  fields: { enterprise, type: 'cash', amount },
  ...more,
});
const staff = (employment: string, team = 'it'): Written => ({
  kind: 'staff',
  fields: { name: '某人', post: '运维', team, employment },
});
const training = (from?: string): Written => ({
  kind: 'training',
  fields: { topic: '上云培训', type: 'training', participants: 20 },
  ...(from === undefined ? {} : { from }),
});
const recognised = (
  enterprise: string,
  type: string,
  more: Partial<Written> & { level?: string } = {},
): Written => {
  const { level = 'city', ...rest } = more;
  return { kind: 'recognition', fields: { enterprise, type, level, issuer: '市经信局' }, ...rest };
};
const office = (name: string, flags: string): Written => ({
  kind: 'office-area',
  fields: {
    name,
    main: flags.includes('m'),
    unmannedRetail: flags.includes('r'),
    lockers: flags.includes('l'),
  },
});
const parking = (spaces: number, built: number, planned: number): Written => ({
  kind: 'parking-area',
  fields: { name: '停车区', spaces, built, planned },
});

/** Something of the item is there: March 2022. Twelve companies; c12 left the park in the middle of the month. */
export const partial: Readonly<Record<string, Example>> = {
  'infra.network.duct-main-roads': {
    // 2 of 3 main roads: 66.67 %; 2 + 2 x (66.67 - 60) / 30 = 2.44. The side road is no part of it.
    expected: { points: range(2, 4), conventionPoints: 2.44 },
    records: [
      road('一路', true, true),
      road('二路', true, true),
      road('三路', true, false),
      road('支路', false, true),
    ],
  },
  'infra.network.riser-wells': {
    // 3 of the 5 buildings that need one, by well or by pipe: 60 % exactly, the lower end of the band.
    expected: { points: range(2, 4), conventionPoints: 2, value: 60 },
    records: [
      building('A', 'nwo'),
      building('B', 'npo'),
      building('C', 'nwpo'),
      building('D', 'no'),
      building('E', 'no'),
      building('F', ''),
    ],
  },
  'infra.network.all-optical': {
    // 5 of all 6 buildings: 83.33 %; 2 + 2 x 23.33 / 30 = 3.56.
    expected: { points: range(2, 4), conventionPoints: 3.56 },
    records: [],
  },
  'infra.network.fibre-to-desk': {
    // 2 pilots, the most of the band of 1 to 2.
    expected: { points: range(2, 4), conventionPoints: 4 },
    records: [pilot('一'), pilot('二')],
  },
  'infra.network.wired-services': {
    // 3 of 5 services on offer: 5 - 2.
    expected: { points: range(3), value: 2 },
    records: area('network')
      .slice(0, 3)
      .map((type) => service(type, ['offline'])),
  },
  'infra.telecom-room': {
    expected: { points: range(5) },
    records: [room({ use: 'telecom-room', independent: false, standard: true, area: 20 })],
  },
  'infra.control-centre.site': {
    // 35 m2: 2 + 2 x 35 / 50 = 3.4. The larger room is shared and does not count.
    expected: { points: range(2, 4), conventionPoints: 3.4 },
    records: [
      room({ use: 'control-centre', independent: true, area: 35 }),
      room({ use: 'control-centre', independent: false, area: 90 }),
    ],
  },
  'infra.data-centre': {
    // Seven companies, one of them twice; c12 has left: one point each.
    expected: { points: range(5, 9), conventionPoints: 7, value: 7 },
    records: [...list(7, (i) => cloud(no(i))), cloud('c01'), cloud('c12')],
  },
  'infra.base-platform.gis': {
    expected: { points: range(2, 4), conventionPoints: null },
    records: [model('bim', 'part'), model('gis', 'whole')],
  },
  'operation.charging': {
    // 8 built and 4 planned of 200 spaces: 6 %; 2 + 2 x 3 / 7 = 2.86. More chargers than spaces count as all of them.
    expected: { points: range(2, 4), conventionPoints: 2.86, value: 6 },
    records: [parking(190, 2, 0), parking(10, 9, 4)],
  },
  'service.government': {
    // Everything on offer, tax only online.
    expected: { points: range(8, 14), conventionPoints: null },
    records: area('government').map((type) => service(type, type.endsWith('tax') ? ['online'] : both)),
  },
  'service.public.finance': {
    // All on offer; the only success was 13 months before the end.
    expected: { points: range(2, 4) },
    records: [
      ...area('finance').map((type) => service(type, both)),
      success('finance.loans', true, { from: '2021-02-28' }),
      success('finance.loans', false),
    ],
  },
  'service.public.legal': {
    // A success, and no agency on offer.
    expected: { points: range(2, 4) },
    records: [
      service('legal.consulting', both),
      service('legal.patents', both),
      success('legal.patents', true),
    ],
  },
  'service.public.talent': {
    expected: { points: range(2, 4) },
    records: [service('talent.recruitment', ['offline'])],
  },
  'service.public.institutions': {
    // 1 x 5; the other closed in the middle of the month.
    expected: { points: range(5), value: 1 },
    records: [institution('检测中心'), { ...institution('旧院'), until: '2022-03-15' }],
  },
  'service.innovation': {
    // 5 companies are too few, CNY 1.2 million are enough: 6 + 8 x (120 - 50) / 150 = 9.73.
    expected: { points: range(6, 14), conventionPoints: 9.73 },
    records: [...list(5, (i) => benefit(no(i), 24)), benefit('c06', 900, { from: '2021-03-31' })],
  },
  'service.living.unmanned-retail': {
    expected: { points: range(2, 4), value: 50 },
    records: [office('南区', 'mr'), office('北区', 'ml'), office('仓库', '')],
  },
  'service.living.lockers': {
    expected: { points: range(2, 4), value: 50 },
    records: [],
  },
  'org.team': {
    // One full-time person is no team yet.
    expected: { points: range(3, 6) },
    records: [staff('full-time'), staff('part-time'), staff('full-time', 'safety')],
  },
  'org.training': {
    // 3 in the twelve months to the end; that of 31 March 2021 is too old: 4 + 5 x (3 - 2) / (4 - 2) = 6.5.
    expected: { points: range(4, 9), conventionPoints: 6.5, value: 3 },
    records: [training('2021-03-31'), training('2021-04-01'), training('2021-09-01'), training()],
  },
  'industry.enterprise.cloud': {
    // c01 counts once, at its best: 5 + 4; the stars of c12, which left, and of c03, which ran out, do not count.
    expected: { points: range(9) },
    records: [
      recognised('c01', 'cloud-5'),
      recognised('c01', 'cloud-3'),
      recognised('c02', 'cloud-4'),
      recognised('c03', 'cloud-3', { until: '2022-03-30' }),
      recognised('c12', 'cloud-3'),
    ],
  },
  'industry.enterprise.two-fusion': {
    // Two companies, one with two certificates: 2 x 3.
    expected: { points: range(6), value: 2 },
    records: [
      recognised('c01', 'two-fusion'),
      recognised('c01', 'two-fusion'),
      recognised('c02', 'two-fusion'),
    ],
  },
  'industry.enterprise.digital-workshop': {
    // That of the district is below city level: 1 x 5.
    expected: { points: range(5), value: 1 },
    records: [
      recognised('c01', 'digital-workshop', { level: 'city' }),
      recognised('c02', 'smart-factory', { level: 'district' }),
    ],
  },
};

/** Everything is there: March 2024. */
export const full: Readonly<Record<string, Example>> = {
  'infra.network.duct-main-roads': {
    // 9 of 10 main roads: 90 % exactly.
    expected: { points: range(5), value: 90 },
    records: list(10, (i) => road(`${i}路`, true, i > 0)),
  },
  'infra.network.riser-wells': { expected: { points: range(5) }, records: [building('A', 'nwo')] },
  'infra.network.all-optical': { expected: { points: range(5) }, records: [] },
  'infra.network.fibre-to-desk': {
    expected: { points: range(5), value: 3 },
    records: list(3, (i) => pilot(String(i))),
  },
  'infra.network.wired-services': {
    expected: { points: range(5), value: 0 },
    records: area('network').map((type) => service(type, both)),
  },
  'infra.telecom-room': {
    expected: { points: range(10) },
    records: [room({ use: 'telecom-room', independent: true, standard: true, area: 30 })],
  },
  'infra.control-centre.site': {
    expected: { points: range(5), value: 50 },
    records: [room({ use: 'control-centre', independent: true, area: 50 })],
  },
  'infra.data-centre': { expected: { points: range(10) }, records: list(10, (i) => cloud(no(i))) },
  'infra.base-platform.gis': { expected: { points: range(5) }, records: [model('model-3d', 'whole')] },
  'operation.charging': { expected: { points: range(5), value: 10 }, records: [parking(100, 6, 4)] },
  'service.government': {
    expected: { points: range(15) },
    records: area('government').map((type) => service(type, both)),
  },
  ...Object.fromEntries(
    ['finance', 'legal', 'talent'].map((name) => [
      `service.public.${name}`,
      {
        expected: { points: range(5) },
        records: [
          ...area(name).map((type) => service(type, ['online'])),
          success(`${name}.consulting`, true, { from: '2023-04-01' }),
        ],
      },
    ]),
  ),
  'service.public.institutions': {
    // 3 x 5, at most 10.
    expected: { points: range(10), value: 3 },
    records: list(3, (i) => institution(`院 ${i}`)),
  },
  'service.innovation': {
    // One company, and CNY 2 million exactly.
    expected: { points: range(15) },
    records: [benefit('c01', 199.99), benefit('c01', 0.01)],
  },
  'service.living.unmanned-retail': {
    expected: { points: range(5), value: 100 },
    records: [office('南区', 'mrl'), office('北区', 'mrl'), office('仓库', '')],
  },
  'service.living.lockers': { expected: { points: range(5) }, records: [] },
  'org.team': { expected: { points: range(10) }, records: [staff('full-time'), staff('full-time')] },
  'org.training': { expected: { points: range(10), value: 5 }, records: list(5, () => training()) },
  'industry.enterprise.cloud': {
    // 6 x 5, at most 25.
    expected: { points: range(25) },
    records: list(6, (i) => recognised(no(i), 'cloud-5')),
  },
  'industry.enterprise.two-fusion': {
    expected: { points: range(30), value: 11 },
    records: list(11, (i) => recognised(no(i), 'two-fusion')),
  },
  'industry.enterprise.digital-workshop': {
    expected: { points: range(20), value: 4 },
    records: list(4, (i) => recognised(no(i), i % 2 === 0 ? 'digital-workshop' : 'smart-factory')),
  },
};
