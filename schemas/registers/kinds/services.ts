import { choice, choices, day, flag, longText, option, quantity, count, recordOf, text } from '../field.ts';
import { defineKind } from '../kind.ts';

export const channels = [option('online', '线上', 'online'), option('offline', '线下', 'offline')];

/** Services by area; the id is `area.function`, so that the functions of an item are found by it. */
export const serviceTypes = [
  option('network.broadband', '网络·宽带接入', 'network: broadband access'),
  option('network.leased-line', '网络·互联网专线', 'network: dedicated internet line'),
  option('network.private-line', '网络·专网数据专线', 'network: private data line'),
  option('network.vpn', '网络·虚拟专网', 'network: virtual private network'),
  option('network.telephone', '网络·固定电话', 'network: fixed telephone'),
  option('government.promotion', '政务·政策推送', 'government: policy promotion'),
  option('government.consulting', '政务·政策咨询', 'government: policy advice'),
  option('government.applications', '政务·项目申报', 'government: project applications'),
  option('government.tax', '政务·企业税务', 'government: enterprise tax'),
  option('finance.consulting', '金融·咨询', 'finance: advice'),
  option('finance.financing', '金融·融资', 'finance: financing'),
  option('finance.loans', '金融·贷款', 'finance: loans'),
  option('legal.consulting', '法务·咨询', 'legal: advice'),
  option('legal.patents', '法务·专利', 'legal: patents'),
  option('legal.agency', '法务·代理', 'legal: agency'),
  option('talent.consulting', '人才·咨询', 'talent: advice'),
  option('talent.recruitment', '人才·招聘', 'talent: recruitment'),
  option('talent.recommendation', '人才·推荐', 'talent: recommendation'),
  option('policy.applications', '政策·申报协助', 'policy: help with applications'),
  option('policy.platform', '政策·发布与解读', 'policy: publishing and explaining'),
  option('market.matching', '市场·对接', 'market: matching'),
  option('capital.matching', '资本·对接', 'capital: matching'),
  option('capital.information', '资本·信息发布', 'capital: information'),
  option('capital.fund', '资本·创业基金', 'capital: start-up fund'),
  option('capital.mechanism', '资本·投融资机制', 'capital: mechanism of financing'),
  option('capital.listing', '资本·上市培育', 'capital: listing'),
  option('research.co-operation', '科研·产学研', 'research: co-operation with institutes'),
  option('research.transfer', '科研·技术转移', 'research: technology transfer'),
  option('research.achievement', '科研·成果转化', 'research: transformation of achievements'),
  option('research.college', '科研·高校资源', 'research: resources of universities'),
  option('research.ip', '科研·知识产权', 'research: intellectual property'),
  option('research.testing', '科研·检验检测', 'research: testing'),
  option('research.instruments', '科研·仪器共享', 'research: shared instruments'),
  option('brand.building', '品牌·建设', 'brand: building'),
  option('tailored.service', '定制·专属服务', 'tailored: own service'),
  option('start-up.incubation', '创业·孵化', 'start-up: incubation'),
  option('start-up.coaching', '创业·辅导', 'start-up: coaching'),
  option('start-up.consulting', '创业·创办前咨询', 'start-up: advice before the start'),
  option('start-up.diagnosis', '创业·诊断', 'start-up: diagnosis'),
  option('start-up.growth', '创业·成长指导', 'start-up: guidance for growth'),
  option('start-up.returnees', '创业·毕业生与留学人员', 'start-up: graduates and returnees'),
  option('start-up.resources', '创业·资源对接', 'start-up: matching of resources'),
  option('start-up.gradient', '创业·梯度培育', 'start-up: cultivation by class'),
  option('people.agency', '人力·代理与外包', 'people: agency and outsourcing'),
  option('people.introduction', '人力·引才与落户', 'people: introduction and registration'),
  option('people.foreign', '人力·外籍人员许可', 'people: permits of foreign staff'),
  option('people.disputes', '人力·劳动争议与援助', 'people: disputes and legal aid'),
  option('people.training', '人力·员工培训', 'people: training of staff'),
  option('people.expert', '人力·专家服务', 'people: experts'),
  option('agency.filing', '代办·备案与许可', 'agency: filing and permits'),
  option('agency.information', '代办·信息服务', 'agency: information'),
  option('property.service', '物业·服务', 'property: service'),
  option('security.network', '安全·网络与信息', 'security: networks and information'),
  option('public-benefit.service', '公益·普惠服务', 'public benefit: service'),
  option('meeting.service', '会务·服务', 'meetings: service'),
  option('transport.shuttle', '交通·接驳', 'transport: shuttle'),
  option('living.other', '生活服务', 'living service'),
  option('other.other', '其他', 'other'),
];

export const service = defineKind({
  id: 'service',
  group: 'services',
  name: { zh: '服务目录', en: 'Service catalogue' },
  about: {
    zh: '园区提供的服务：网络、政务、金融、法务、人才等',
    en: 'What the park offers: network, government, finance, legal, talent and others',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    type: choice('服务类别', 'Kind', { options: serviceTypes }),
    name: text('服务名称', 'Name'),
    provider: text('提供方', 'Provider'),
    channels: choices('办理渠道', 'Channels', { options: channels }),
    address: text('网址或窗口', 'Web address or counter', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const serviceCase = defineKind({
  id: 'service-case',
  group: 'services',
  name: { zh: '服务案例', en: 'Service cases' },
  about: { zh: '为企业提供服务的记录，含结果', en: 'Services given to companies, with what came of them' },
  time: 'event',
  reviewMonths: null,
  title: 'summary',
  fields: {
    type: choice('服务类别', 'Kind', { options: serviceTypes }),
    enterprise: recordOf('企业', 'Company', { kind: 'enterprise' }),
    summary: text('事项', 'Matter'),
    channel: choice('渠道', 'Channel', { options: channels }),
    success: flag('成功', 'Success'),
    amount: quantity('金额', 'Amount', { unit: '10k-CNY', optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const institution = defineKind({
  id: 'institution',
  group: 'services',
  name: { zh: '产学研机构', en: 'Institutions' },
  about: {
    zh: '入驻园区的研究院、创新中心、检测机构、孵化基地',
    en: 'Institutes, innovation centres, testing bodies and incubators in the park',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('机构名称', 'Name'),
    type: choice('类型', 'Kind', {
      options: [
        option('research-institute', '产业技术研究院', 'industrial technology institute'),
        option('innovation-centre', '创新中心', 'innovation centre'),
        option('testing', '检验检测机构', 'inspection and testing body'),
        option('incubation', '成果孵化基地', 'incubation base'),
        option('other', '其他', 'other'),
      ],
    }),
    partner: text('依托单位', 'Parent organisation', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const complaint = defineKind({
  id: 'complaint',
  group: 'services',
  name: { zh: '投诉与建议', en: 'Complaints' },
  about: {
    zh: '企业和员工的投诉、建议与处理',
    en: 'What companies and people complained of, and what was done',
  },
  time: 'event',
  reviewMonths: null,
  title: 'subject',
  fields: {
    subject: text('事项', 'Subject'),
    channel: choice('渠道', 'Channel', {
      options: [...channels, option('phone', '电话', 'telephone')],
    }),
    enterprise: recordOf('企业', 'Company', { kind: 'enterprise', optional: true }),
    complainant: text('投诉人', 'Who complained', { optional: true, personal: true }),
    answeredOn: day('答复日期', 'Answered on', { optional: true }),
    closedOn: day('办结日期', 'Closed on', { optional: true }),
    inTime: flag('按时办结', 'Closed in time', { optional: true }),
    satisfied: flag('满意', 'Satisfied', { optional: true }),
    note: longText('处理情况', 'What was done', { optional: true }),
  },
});

export const survey = defineKind({
  id: 'survey',
  group: 'services',
  name: { zh: '满意度调查', en: 'Surveys' },
  about: { zh: '服务满意度调查及结果', en: 'Surveys of satisfaction, with their results' },
  time: 'event',
  reviewMonths: null,
  title: 'subject',
  fields: {
    subject: text('调查主题', 'Subject'),
    asked: count('发放份数', 'Asked'),
    answered: count('回收份数', 'Answered'),
    satisfied: count('满意份数', 'Satisfied'),
    note: longText('结论与改进', 'Findings and what follows', { optional: true }),
  },
});

export const serviceKinds = [service, serviceCase, institution, complaint, survey];
