import { shiftDay } from '#schemas/local-time.ts';
import type { RecordFields } from '#schemas/registers/field.ts';
import type { DemoFileId } from './files.ts';
import { operationRegisters } from './operations.ts';

/**
 * What the registers of the demo hold: a park that does many things well, some by half, and forgot others, so that an
 * assessment shows all three. Pure.
 */
export interface DemoRecord {
  readonly kind: string;
  readonly code: string;
  readonly from: string;
  readonly until: string | null;
  readonly fields: RecordFields;
  readonly documents: readonly DemoFileId[];
}

export type DemoRow = readonly [
  code: string,
  /** Days before today, and until when (as many after it). */
  days: number | readonly [since: number, ends: number],
  fields: RecordFields,
  documents?: readonly DemoFileId[],
];

/** @param today the park's local day; all days are told from it */
export function demoRecords(today: string): DemoRecord[] {
  return Object.entries({ ...registers, ...operationRegisters }).flatMap(([kind, rows]) =>
    rows.map(([code, days, fields, documents = []]): DemoRecord => {
      const [since, ends] = typeof days === 'number' ? [days, null] : days;
      return {
        kind,
        code: `demo-${code}`,
        from: shiftDay(today, -since),
        until: ends === null ? null : shiftDay(today, ends),
        fields: { ...fields, ...dayFields(today, kind, since) },
        documents,
      };
    }),
  );
}

/** Days within records follow the record's own. */
function dayFields(today: string, kind: string, since: number): RecordFields {
  if (kind === 'inspection') return { inspectedOn: shiftDay(today, -since) };
  return kind === 'plan' ? { approvedOn: shiftDay(today, -since) } : {};
}

const company = (n: number): string => `demo-ent-${String(n).padStart(2, '0')}`;

/** Names of companies that do not exist; the first three letters are the demo's own. */
const companies: readonly (readonly [name: string, industry: string, size: string, technology: boolean])[] = [
  ['锦云精密机械', 'manufacturing', 'medium', true],
  ['锦云轨道装备', 'manufacturing', 'large', true],
  ['锦云医疗器械', 'manufacturing', 'medium', true],
  ['锦云新材料', 'manufacturing', 'small', true],
  ['锦云食品', 'manufacturing', 'medium', false],
  ['锦云软件', 'software', 'medium', true],
  ['锦云数据科技', 'software', 'small', true],
  ['锦云工业互联网', 'software', 'small', true],
  ['锦云检测技术', 'research', 'small', true],
  ['锦云生物研究', 'research', 'micro', true],
  ['锦云供应链', 'logistics', 'small', false],
  ['锦云冷链物流', 'logistics', 'small', false],
  ['锦云商贸', 'trade', 'micro', false],
  ['锦云融资租赁', 'finance', 'small', false],
];

const service = (
  type: string,
  name: string,
  provider: string,
  channels: readonly string[],
): RecordFields => ({
  type,
  name,
  provider,
  channels,
});
const both = ['offline', 'online'];

const recognition = (n: number, type: string, level: string, issuer: string): RecordFields => ({
  enterprise: company(n),
  type,
  level,
  issuer,
});

const building = (name: string, space: string, wells: boolean, optical: boolean): RecordFields => ({
  name,
  space,
  riserNeeded: wells,
  riserWell: wells,
  riserPipe: false,
  allOptical: optical,
});

const road = (name: string, main: boolean, ducts: boolean, length: number): RecordFields => ({
  name,
  main,
  ducts,
  length,
});

/** In the order in which they are written: what is referred to comes first. */
const registers: Readonly<Record<string, readonly DemoRow[]>> = {
  enterprise: companies.map(([name, industry, size, technology], index): DemoRow => [
    `ent-${String(index + 1).padStart(2, '0')}`,
    720 - index * 20,
    {
      name: `${name}（示例）`,
      industry,
      size,
      technology,
      relation: ['manufacturing', 'software'].includes(industry) ? 'main' : 'none',
      aboveScale: ['large', 'medium'].includes(size),
      employees: { large: 620, medium: 240, small: 60, micro: 12 }[size] ?? 30,
    },
  ]),
  'enterprise-output': [1, 2, 3, 6].map((n): DemoRow => [
    `output-${n}`,
    [320, 44],
    { enterprise: company(n), output: 18_000 - n * 1_500, revenue: 16_500 - n * 1_400, tax: 900 - n * 70 },
  ]),
  recognition: [
    ['cloud-1', 300, recognition(1, 'cloud-4', 'province', '示例省经信厅'), ['certificate']],
    ['cloud-2', 280, recognition(6, 'cloud-3', 'province', '示例省经信厅')],
    ['cloud-3', 150, recognition(7, 'cloud-3', 'province', '示例省经信厅')],
    ['fusion-1', 260, recognition(1, 'two-fusion', 'body', '示例认证公司'), ['certificate']],
    ['fusion-2', 200, recognition(2, 'two-fusion', 'body', '示例认证公司')],
    ['fusion-3', 120, recognition(3, 'two-fusion', 'body', '示例认证公司')],
    ['workshop-1', 210, recognition(2, 'digital-workshop', 'city', '示例市经信局')],
    // Of a level that does not count: the item shows it as left out.
    ['workshop-2', 90, recognition(4, 'digital-workshop', 'district', '示例区经信局')],
    ['high-tech', 400, recognition(6, 'high-tech', 'national', '示例认定机构')],
  ],
  'cloud-use': [1, 2, 6, 7, 8, 11].map((n): DemoRow => [
    `cloud-use-${n}`,
    180,
    { enterprise: company(n), service: '云主机与备份', provider: '示例云', source: 'partner' },
  ]),
  benefit: [1, 3, 4, 6, 7, 9, 10].map((n): DemoRow => [
    `benefit-${n}`,
    30 + n * 9,
    { enterprise: company(n), type: n % 2 === 0 ? 'rent' : 'cash', amount: 6 + n },
  ]),
  service: [
    ['broadband', 400, service('network.broadband', '企业宽带', '示例通信', both)],
    ['leased-line', 400, service('network.leased-line', '互联网专线', '示例通信', both)],
    ['private-line', 400, service('network.private-line', '数据专线', '示例通信', ['offline'])],
    ['telephone', 400, service('network.telephone', '固定电话', '示例通信', ['offline'])],
    ['policy', 350, service('government.promotion', '政策推送', '园区服务中心', both)],
    ['policy-advice', 350, service('government.consulting', '政策咨询', '园区服务中心', both)],
    ['applications', 350, service('government.applications', '项目申报辅导', '园区服务中心', both)],
    ['tax', 350, service('government.tax', '办税服务点', '示例税务所', both)],
    ['finance-advice', 300, service('finance.consulting', '金融咨询', '示例银行', both)],
    ['financing', 300, service('finance.financing', '融资对接', '示例银行', both)],
    ['loans', 300, service('finance.loans', '园区贷', '示例银行', both)],
    ['legal-advice', 300, service('legal.consulting', '法律咨询', '示例律师事务所', both)],
    ['patents', 300, service('legal.patents', '专利代办', '示例律师事务所', ['offline'])],
  ],
  'service-case': [
    ['case-loan', 75, { ...serviceCase('finance.loans', 4, '流动资金贷款', true), amount: 300 }, ['minutes']],
    ['case-legal', 40, serviceCase('legal.consulting', 13, '合同审查', false)],
    ['case-tax', 20, serviceCase('government.tax', 7, '研发费用加计扣除', true)],
  ],
  institution: [
    [
      'incubator',
      500,
      { name: '锦云孵化基地（示例）', type: 'incubation', partner: '示例大学', note: '示例数据' },
    ],
  ],
  complaint: [
    ['complaint-1', 33, { subject: '东停车场夜间照明偏暗', channel: 'phone', satisfied: true }],
    ['complaint-2', 6, { subject: 'B座5层空调偏热', channel: 'online' }],
  ],
  survey: [
    [
      'survey-1',
      95,
      { subject: '上季度园区服务满意度', asked: 120, answered: 86, satisfied: 79, note: '示例数据' },
      ['survey'],
    ],
  ],
  staff: [
    ['staff-1', 400, staffOf('示例甲', '信息化主管', 'it', 'full-time')],
    ['staff-2', 200, staffOf('示例乙', '系统管理员', 'it', 'part-time')],
    ['staff-3', 400, staffOf('示例丙', '安全主管', 'safety', 'full-time')],
    ['staff-4', 300, staffOf('示例丁', '招商经理', 'investment', 'full-time')],
  ],
  training: [
    ['training-1', 310, trainingOf('智慧园区平台使用培训', 'training', 36)],
    ['training-2', 220, trainingOf('网络安全宣传周', 'publicity', 120), ['photo']],
    ['training-3', 100, trainingOf('计量与能耗培训', 'training', 22)],
  ],
  plan: [
    ['plan-fire', 300, planOf('火灾应急预案', ['fire']), ['plan']],
    ['plan-flood', 300, planOf('防汛应急预案', ['flood'])],
    ['plan-elevator', 180, planOf('电梯困人应急预案', ['elevator'])],
  ],
  drill: [
    [
      'drill-fire',
      64,
      {
        topic: '全园区疏散演练',
        incident: 'fire',
        plan: 'demo-plan-fire',
        participants: 310,
        findings: '示例：C座北侧楼梯疏散偏慢，已增设指示。',
      },
      ['minutes', 'photo'],
    ],
  ],
  road: [
    ['road-1', 700, road('环园路（示例）', true, true, 1_450)],
    ['road-2', 700, road('锦云大道（示例）', true, true, 620)],
    ['road-3', 700, road('创新一路（示例）', true, true, 380)],
    ['road-4', 700, road('创新二路（示例）', true, false, 310)],
    ['road-5', 700, road('后勤通道（示例）', false, false, 140)],
  ],
  'building-access': [
    ['access-a', 700, building('A座', 'bld-a', true, true)],
    ['access-b', 700, building('B座', 'bld-b', true, true)],
    ['access-c', 700, building('C座', 'bld-c', true, true)],
    ['access-d', 700, building('D座厂房', 'bld-d', false, true)],
    ['access-e', 700, building('E座食堂', 'bld-e', false, false)],
    ['access-p', 700, building('动力中心', 'bld-p', false, false)],
  ],
  'technical-room': [
    [
      'room-telecom',
      700,
      {
        name: 'A座通信机房',
        use: 'telecom-room',
        independent: true,
        standard: true,
        area: 60,
        space: 'bld-a',
      },
      ['photo'],
    ],
    [
      'room-centre',
      700,
      { name: '监控中心', use: 'control-centre', independent: true, area: 42, space: 'control-room' },
    ],
  ],
  'park-model': [
    ['model-bim', 240, { name: 'A、B座建筑信息模型', type: 'bim', coverage: 'part', note: '示例数据' }],
  ],
  'office-area': [
    ['office-a', 500, officeOf('A座办公区', true, true, 'bld-a')],
    ['office-b', 500, officeOf('B座办公区', true, false, 'bld-b')],
    ['office-c', 500, officeOf('C座办公区', true, false, 'bld-c')],
  ],
  'parking-area': [
    [
      'parking-east',
      500,
      { name: '东停车场', spaces: 260, built: 12, planned: 6, smart: true, space: 'parking-east' },
    ],
  ],
  certificate: [
    [
      'cert-security',
      [300, 65],
      certificateOf('网络安全等级保护二级备案', 'security-level'),
      ['certificate'],
    ],
    ['cert-quality', [720, 18], certificateOf('质量管理体系认证', 'quality')],
    ['cert-fire', [500, -12], certificateOf('消防设施维保合格证明', 'fire')],
  ],
  inspection: [
    ['inspect-lifts', [150, 215], inspectionOf('A座电梯', 'elevator', 'passed'), ['inspection']],
    ['inspect-lightning', [340, 25], inspectionOf('防雷装置', 'lightning', 'passed')],
    ['inspect-fire', [380, -15], inspectionOf('消防设施年检', 'fire', 'conditional')],
  ],
  project: [
    ['project-1', 120, { name: '照明节能改造（示例）', stage: 'running', budget: 86, owner: '工程部' }],
    ['project-2', 30, { name: '周界探测补盲（示例）', stage: 'planned', budget: 34, owner: '安全部' }],
  ],
  document: [
    ['doc-rules', 420, documentOf('智慧园区管理制度汇编', 'rules', '3.1'), ['rules']],
    ['doc-body', 420, documentOf('智慧园区工作机构与职责', 'organisation', '2.0'), ['body']],
    ['doc-funds', 60, documentOf('年度信息化预算', 'funding', '送审稿'), ['funds']],
  ],
};

function serviceCase(type: string, enterprise: number, summary: string, success: boolean): RecordFields {
  return { type, enterprise: company(enterprise), summary, channel: 'offline', success };
}

function staffOf(name: string, post: string, team: string, employment: string): RecordFields {
  return { name, post, team, employment };
}

function trainingOf(topic: string, type: string, participants: number): RecordFields {
  return { topic, type, participants };
}

function planOf(name: string, incidents: readonly string[]): RecordFields {
  return { name, incidents, version: '1.2' };
}

function officeOf(name: string, shop: boolean, lockers: boolean, space: string): RecordFields {
  return { name, main: true, unmannedRetail: shop, lockers, space };
}

function certificateOf(name: string, type: string): RecordFields {
  return { name, type, issuer: '示例发证机构', note: '示例数据，并非真实证书' };
}

function inspectionOf(subject: string, type: string, result: string): RecordFields {
  return { subject, type, result, body: '示例检验机构' };
}

function documentOf(name: string, type: string, version: string): RecordFields {
  return { name, type, version, issuer: '示例园区管理办公室' };
}
