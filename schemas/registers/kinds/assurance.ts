import { choice, choices, day, longText, option, quantity, space, text } from '../field.ts';
import { defineKind } from '../kind.ts';

export const certificate = defineKind({
  id: 'certificate',
  group: 'assurance',
  name: { zh: '证书', en: 'Certificates' },
  about: {
    zh: '园区的证书、许可与备案，到期前提醒',
    en: 'Certificates, licences and filings of the park; told before they run out',
  },
  time: 'expiring',
  reviewMonths: null,
  title: 'name',
  fields: {
    name: text('名称', 'Name'),
    type: choice('类型', 'Kind', {
      options: [
        option('fire', '消防', 'fire protection'),
        option('security-level', '网络安全等级保护', 'network security level'),
        option('environment', '环保', 'environment'),
        option('quality', '质量与管理体系', 'management system'),
        option('operation', '经营许可', 'operating licence'),
        option('other', '其他', 'other'),
      ],
    }),
    number: text('证书编号', 'Number', { optional: true }),
    issuer: text('发证机构', 'Issued by'),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const inspection = defineKind({
  id: 'inspection',
  group: 'assurance',
  name: { zh: '检验检测', en: 'Inspections' },
  about: {
    zh: '电梯、消防、特种设备、防雷等定期检验',
    en: 'Periodic inspections of lifts, fire protection, special equipment, lightning protection',
  },
  time: 'expiring',
  reviewMonths: null,
  title: 'subject',
  fields: {
    subject: text('检验对象', 'Subject'),
    type: choice('类型', 'Kind', {
      options: [
        option('elevator', '电梯', 'lift'),
        option('fire', '消防设施', 'fire protection'),
        option('special', '特种设备', 'special equipment'),
        option('lightning', '防雷', 'lightning protection'),
        option('electrical', '电气', 'electrical'),
        option('meter', '计量器具', 'measuring instrument'),
        option('pressure', '压力容器与锅炉', 'pressure vessels and boilers'),
        option('water-quality', '水质', 'water quality'),
        option('discharge', '污水与废气排放', 'discharge of sewage and gas'),
        option('noise', '噪声', 'noise'),
        option('public-health', '公共卫生', 'public health'),
        option('other', '其他', 'other'),
      ],
    }),
    result: choice('结论', 'Result', {
      options: [
        option('passed', '合格', 'passed'),
        option('conditional', '整改后合格', 'passed after repair'),
        option('failed', '不合格', 'failed'),
      ],
    }),
    inspectedOn: day('检验日期', 'Inspected on'),
    body: text('检验机构', 'Inspected by'),
    number: text('报告编号', 'Report', { optional: true }),
    space: space('空间', 'Space', { optional: true }),
  },
});

export const project = defineKind({
  id: 'project',
  group: 'assurance',
  name: { zh: '项目', en: 'Projects' },
  about: { zh: '智慧园区建设与改造项目', en: 'What is being built or renewed' },
  time: 'standing',
  reviewMonths: 6,
  title: 'name',
  fields: {
    name: text('项目名称', 'Name'),
    stage: choice('阶段', 'Stage', {
      options: [
        option('planned', '立项', 'planned'),
        option('running', '实施', 'running'),
        option('accepted', '验收', 'accepted'),
        option('stopped', '中止', 'stopped'),
      ],
    }),
    budget: quantity('预算', 'Budget', { unit: '10k-CNY', optional: true }),
    owner: text('责任部门', 'Department', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

/** What a document is about, where rubrics ask for one of the kind. */
const documentSubjects = [
  option('evaluation-report', '评价报告', 'report of an evaluation'),
  option('improvement-plan', '改进计划', 'improvement plan'),
  option('investment-targets', '招商职责与目标', 'duties and targets of investment'),
  option('safety-rules', '安全管理制度', 'safety rules'),
  option('system-description', '安防系统说明', 'description of the safety system'),
  option('equipment-rules', '设备管理制度', 'rules of equipment'),
  option('pollution-control', '污染防治方案', 'pollution control plan'),
  option('classification', '企业分类分级办法', 'classes and grades of companies'),
  option('crm', '客户关系管理办法', 'rules of customer relations'),
  option('mobile-coverage', '5G 覆盖测试', 'test of 5G coverage'),
  option('ipv6', 'IPv6 部署', 'deployment of IPv6'),
  option('analysis-platform', '数据分析平台建设', 'construction of the analysis platform'),
  option('interface', '数据接口', 'interfaces of data'),
  option('data-grading', '数据分类分级', 'classes and grades of data'),
  option('running-plan', '设备经济运行方案', 'running plan of equipment'),
  option('saving-report', '节能成效', 'what was saved'),
  option('renewable-plan', '可再生能源利用方案', 'plan for renewables'),
  option('recycling', '分类回收制度', 'rules of sorting and recycling'),
  option('operating-body', '运营机构设立', 'set-up of the operating body'),
  option('management-rules', '管理制度', 'management rules'),
  option('service-process', '企业服务流程', 'process of services'),
  option('charging-standard', '收费标准', 'charging standard'),
  option('quality-supervision', '服务质量监督', 'supervision of service quality'),
  option('development-plan', '发展规划', 'development plan'),
  option('yearly-plan', '年度目标与计划', 'goals and plan of the year'),
  option('complaints', '投诉处理制度', 'rules of complaints'),
  option('emergency-response', '应急响应制度', 'rules of rapid response'),
  option('digital-body', '数字化部门与人员', 'body and staff for digital work'),
  option('cultivation-plan', '梯度培育计划', 'cultivation plan'),
  option('major-events', '重大事件记录', 'records of major events'),
];

export const document = defineKind({
  id: 'document',
  group: 'assurance',
  name: { zh: '文件', en: 'Documents' },
  about: {
    zh: '制度、机构、资金、安全等文件及其版本',
    en: 'Rules, organisation, funding, security and other documents, with their versions',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('文件名称', 'Name'),
    type: choice('类型', 'Kind', {
      options: [
        option('rules', '制度', 'rules'),
        option('organisation', '机构与职责', 'body and duties'),
        option('funding', '资金与预算', 'funding and budget'),
        option('security', '信息安全', 'information security'),
        option('planning', '规划', 'planning'),
        option('survey', '测试报告', 'test report'),
        option('other', '其他', 'other'),
      ],
    }),
    subjects: choices('涉及事项', 'Subjects', { options: documentSubjects, optional: true }),
    version: text('版本', 'Version'),
    number: text('文号', 'Number', { optional: true }),
    issuer: text('发布单位', 'Issued by', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const assuranceKinds = [certificate, inspection, project, document];
