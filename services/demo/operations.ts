import type { RecordFields } from '#schemas/registers/field.ts';
import type { DemoRow } from './records.ts';

/**
 * What the other books of the demo hold: activities, upkeep, partners, places and what rubrics beyond Chengdu's ask for. As
 * there, some is plentiful, some thin and some missing. Days are counted back from today.
 */
const company = (n: number): string => `demo-ent-${String(n).padStart(2, '0')}`;
const each = (prefix: string, rows: readonly (readonly [since: number, fields: RecordFields])[]): DemoRow[] =>
  rows.map(([since, fields], index) => [`${prefix}-${index + 1}`, since, fields]);

const activity = (topic: string, type: string, participants: number): RecordFields => ({
  topic,
  type,
  participants,
});
const work = (subject: string, type: string): RecordFields => ({ subject, type, done: true });
const evaluation = (subject: string, type: string, improved: boolean): RecordFields => ({
  subject,
  type,
  improved,
});
const place = (name: string, type: string, inside = true): RecordFields => ({ name, type, inside });
const named = (name: string, type: string, more: RecordFields = {}): RecordFields => ({
  name,
  type,
  ...more,
});

export const operationRegisters: Readonly<Record<string, readonly DemoRow[]>> = {
  'park-profile': [
    ['profile', 720, { name: '示例智慧产业园', type: 'manufacturing', landArea: 96, floorArea: 84_000 }],
  ],
  'main-industry': each('industry', [
    [700, { name: '高端装备', cluster: true, traditional: false }],
    [700, { name: '软件与信息服务', cluster: true, traditional: false }],
  ]),
  licence: [
    ['licence-1', [300, 1_200], { enterprise: company(5), type: 'food', number: '示例-JY-0001' }],
    ['licence-2', [600, 900], { enterprise: company(1), type: 'business', number: '示例-YY-0001' }],
  ],
  'company-case': each('case', [
    [140, { enterprise: company(1), type: 'tech-renovation', summary: '数控产线改造（示例）' }],
    [220, { enterprise: company(2), type: 'leading-company', summary: '为整车企业配套（示例）' }],
    [90, { enterprise: company(3), type: 'above-scale', summary: '升为规上企业（示例）' }],
  ]),
  'innovation-platform': each('platform', [
    [400, named('检验检测共享平台', 'instruments')],
    [260, named('中试车间', 'pilot-scale')],
  ]),
  'park-recognition': [
    ['rating', [120, 245], { type: 'performance', rating: 'B', level: 'city', issuer: '示例主管部门' }],
  ],
  activity: each('activity', [
    [20, activity('消防安全培训', 'safety-training', 64)],
    [110, activity('用电安全培训', 'safety-training', 40)],
    [45, activity('垃圾分类宣讲', 'green-training', 52)],
    [75, activity('园区开放日招商', 'promotion-carrier', 120)],
    [160, activity('装备产业链对接会', 'promotion-chain', 80)],
    [30, activity('党员主题日', 'party', 33)],
    [55, activity('走访入驻企业', 'visit', 6)],
  ]),
  maintenance: each('work', [
    [3, work('夜间巡查', 'patrol')],
    [12, work('A座空调检修', 'equipment')],
    [18, work('绿化修剪', 'greening')],
    [6, work('公共区域保洁', 'cleaning')],
    [40, work('配电房年检', 'power')],
  ]),
  evaluation: each('evaluation', [
    [90, evaluation('年度运营内部评价', 'internal', true)],
    [60, evaluation('物业服务质量检查', 'service-quality', true)],
    [200, evaluation('入驻资格审查', 'entry-check', false)],
  ]),
  'waste-transfer': each('waste', [
    [4, { type: 'kitchen', weight: 1.2, receiver: '示例环卫公司' }],
    [33, { type: 'recyclable', weight: 2.6, receiver: '示例再生资源公司' }],
    [80, { type: 'electronic', weight: 0.3, receiver: '示例再生资源公司' }],
  ]),
  need: each('need', [
    [25, { enterprise: company(7), subject: '扩租办公面积', met: true }],
    [48, { enterprise: company(4), subject: '设备贷款', met: true }],
    [9, { enterprise: company(10), subject: '洁净实验室', met: false }],
  ]),
  partner: each('partner', [
    [500, { name: '示例物业公司', type: 'service-unit', checked: true, agreement: true }],
    [350, { name: '示例银行', type: 'finance-body', checked: true, agreement: true }],
    [150, { name: '示例职业学院', type: 'college', checked: true, agreement: false }],
  ]),
  'commercial-project': each('commercial', [[400, { name: '会议与路演厅', income: 46.5 }]]),
  place: each('place', [
    [720, place('员工餐厅', 'restaurant')],
    [720, place('便利店', 'shop')],
    [500, place('快递驿站', 'post')],
    [500, place('会议中心', 'meeting')],
    [640, place('人才公寓', 'flat', false)],
    [640, place('创业孵化空间', 'incubation')],
  ]),
  'green-facility': each('green', [
    [260, named('公共照明节能灯具', 'energy-saving')],
    [420, named('感应水龙头', 'water-saving')],
    [420, named('分类投放点', 'waste-sorting')],
  ]),
  scenario: each('scenario', [[180, named('设备远程运维', 'industrial-internet', { note: '示例数据' })]]),
};
