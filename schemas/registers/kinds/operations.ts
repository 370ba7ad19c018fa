import { choice, count, day, flag, longText, option, quantity, recordOf, space, text } from '../field.ts';
import { defineKind } from '../kind.ts';

export const activity = defineKind({
  id: 'activity',
  group: 'people',
  name: { zh: '活动', en: 'Activities' },
  about: {
    zh: '招商推介、安全与绿色培训、党群、辅导、走访等活动',
    en: 'Promotion, training in safety and green matters, party and social life, coaching, visits',
  },
  time: 'event',
  reviewMonths: null,
  title: 'topic',
  fields: {
    topic: text('主题', 'Topic'),
    type: choice('类型', 'Kind', {
      options: [
        option('promotion-carrier', '招商推介·载体', 'promotion: premises'),
        option('promotion-chain', '招商推介·产业链', 'promotion: industry chain'),
        option('promotion-exhibition', '招商推介·会展', 'promotion: exhibition'),
        option('safety-training', '安全培训', 'safety training'),
        option('staff-training', '岗位培训与考核', 'training and examination of staff'),
        option('green-training', '绿色低碳培训', 'green training'),
        option('green-activity', '绿色低碳活动', 'green activity'),
        option('party', '党建与群团', 'party and mass organisations'),
        option('coaching', '创业辅导', 'start-up coaching'),
        option('finance-exchange', '金融交流', 'exchange on finance'),
        option('policy-briefing', '政策宣讲', 'policy briefing'),
        option('culture', '文化教育', 'culture and education'),
        option('sports', '公益与体育', 'public benefit and sports'),
        option('honesty', '诚信建设', 'honest companies'),
        option('meeting', '会议接待', 'meeting service'),
        option('visit', '企业走访', 'visit to a company'),
        option('joint-protection', '联防联动', 'joint protection'),
        option('other', '其他', 'other'),
      ],
    }),
    participants: count('人数', 'Participants'),
    enterprise: recordOf('企业', 'Company', { kind: 'enterprise', optional: true }),
    note: longText('内容', 'Content', { optional: true }),
  },
});

export const maintenance = defineKind({
  id: 'maintenance',
  group: 'assurance',
  name: { zh: '维护与巡查', en: 'Maintenance and patrols' },
  about: {
    zh: '巡查、维修、养护、保洁的逐次记录',
    en: 'Patrols, repairs, care and cleaning, one record each time',
  },
  time: 'event',
  reviewMonths: null,
  title: 'subject',
  fields: {
    subject: text('事项', 'Subject'),
    type: choice('类型', 'Kind', {
      options: [
        option('patrol', '安全巡查', 'safety patrol'),
        option('fabric', '房屋本体', 'building fabric'),
        option('equipment', '公共设备', 'public equipment'),
        option('fire', '消防设施', 'fire protection'),
        option('power', '供配电', 'power supply'),
        option('heat-gas', '供热与燃气', 'heat and gas'),
        option('water-supply', '供水', 'water supply'),
        option('greening', '绿化养护', 'greening'),
        option('cleaning', '保洁', 'cleaning'),
        option('road', '道路', 'roads'),
        option('other', '其他', 'other'),
      ],
    }),
    done: flag('已完成', 'Done'),
    note: longText('情况', 'What was found', { optional: true }),
    space: space('空间', 'Space', { optional: true }),
  },
});

export const evaluation = defineKind({
  id: 'evaluation',
  group: 'assurance',
  name: { zh: '评价与改进', en: 'Evaluations and improvement' },
  about: {
    zh: '内部评价、审核、管理评审、服务质量检查及改进',
    en: 'Evaluations, audits, reviews and checks of service quality, with what was improved',
  },
  time: 'event',
  reviewMonths: null,
  title: 'subject',
  fields: {
    subject: text('对象', 'Subject'),
    type: choice('类型', 'Kind', {
      options: [
        option('internal', '内部评价', 'internal evaluation'),
        option('site-check', '现场检查', 'site check'),
        option('self-test', '自我测试', 'self-test'),
        option('audit', '审核', 'audit'),
        option('management-review', '管理评审', 'management review'),
        option('service-quality', '服务质量检查', 'check of service quality'),
        option('tenant', '入驻企业评价', 'evaluation of tenants'),
        option('entry-check', '入驻资格审查', 'check of entering companies'),
        option('incubation', '孵化企业统计评估', 'evaluation of incubated companies'),
        option('authority', '主管部门检查', 'check by authorities'),
        option('other', '其他', 'other'),
      ],
    }),
    improved: flag('已改进', 'Improved'),
    note: longText('结论与改进', 'Findings and what follows', { optional: true }),
  },
});

export const wasteTransfer = defineKind({
  id: 'waste-transfer',
  group: 'assurance',
  name: { zh: '废弃物转移', en: 'Waste handed over' },
  about: { zh: '废弃物分类收集与转移处置台账', en: 'Waste by kind, and who took it' },
  time: 'event',
  reviewMonths: null,
  title: 'receiver',
  fields: {
    type: choice('类型', 'Kind', {
      options: [
        option('industrial', '工业固废', 'industrial'),
        option('construction', '建筑垃圾', 'construction'),
        option('kitchen', '厨余', 'kitchen'),
        option('electronic', '电子废弃物', 'electronic'),
        option('recyclable', '可回收物', 'recyclable'),
        option('hazardous', '危险废物', 'hazardous'),
        option('other', '其他', 'other'),
      ],
    }),
    weight: quantity('重量', 'Weight', { unit: 't' }),
    receiver: text('接收单位', 'Taken by'),
    number: text('联单编号', 'Number', { optional: true }),
  },
});

export const need = defineKind({
  id: 'need',
  group: 'services',
  name: { zh: '企业需求', en: 'Needs of companies' },
  about: { zh: '收集的企业需求及其落实', en: 'What companies need, and what became of it' },
  time: 'event',
  reviewMonths: null,
  title: 'subject',
  fields: {
    enterprise: recordOf('企业', 'Company', { kind: 'enterprise' }),
    subject: text('需求', 'Need'),
    answeredOn: day('答复日期', 'Answered on', { optional: true }),
    met: flag('已落实', 'Met', { optional: true }),
    note: longText('落实情况', 'What was done', { optional: true }),
  },
});

export const partner = defineKind({
  id: 'partner',
  group: 'services',
  name: { zh: '合作与服务单位', en: 'Partners and service units' },
  about: {
    zh: '引入的服务单位、金融机构、院校与生态伙伴',
    en: 'Service units, finance bodies, colleges and other partners',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('单位名称', 'Name'),
    type: choice('类型', 'Kind', {
      options: [
        option('service-unit', '服务单位', 'service unit'),
        option('finance-body', '金融机构', 'finance body'),
        option('college', '院校', 'college'),
        option('ecosystem', '产业生态伙伴', 'partner of the ecosystem'),
        option('association', '协会与商会', 'association'),
        option('expert', '专家顾问', 'expert adviser'),
        option('other', '其他', 'other'),
      ],
    }),
    checked: flag('资质已核查', 'Qualification checked'),
    agreement: flag('已签协议', 'Agreement signed'),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const commercialProject = defineKind({
  id: 'commercial-project',
  group: 'services',
  name: { zh: '商业化项目', en: 'Commercial projects' },
  about: { zh: '园区的商业化运营项目与收入', en: 'What the park runs commercially, with its income' },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('项目名称', 'Name'),
    income: quantity('年收入', 'Yearly income', { unit: '10k-CNY' }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const operationKinds = [
  activity,
  maintenance,
  evaluation,
  wasteTransfer,
  need,
  partner,
  commercialProject,
];
