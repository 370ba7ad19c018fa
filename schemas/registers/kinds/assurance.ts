import { choice, day, longText, option, quantity, space, text } from '../field.ts';
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
  serves: {},
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
  serves: {},
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
  serves: {},
});

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
    version: text('版本', 'Version'),
    number: text('文号', 'Number', { optional: true }),
    issuer: text('发布单位', 'Issued by', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
  serves: {
    'chengdu-2021': ['org.rules', 'org.body', 'org.funds', 'org.infosec', 'infra.network.mobile-coverage'],
  },
});

export const assuranceKinds = [certificate, inspection, project, document];
