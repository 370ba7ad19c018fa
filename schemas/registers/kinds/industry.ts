import { choice, flag, longText, option, recordOf, text } from '../field.ts';
import { defineKind } from '../kind.ts';

export const mainIndustry = defineKind({
  id: 'main-industry',
  group: 'enterprises',
  name: { zh: '主导产业', en: 'Main industries' },
  about: { zh: '园区确定的主导产业', en: 'What the park has settled on as its main industries' },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('产业名称', 'Name'),
    cluster: flag('属于“20+8”产业集群', 'One of the 20+8 clusters'),
    traditional: flag('属于传统优势产业', 'A traditional strong industry'),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const licence = defineKind({
  id: 'licence',
  group: 'enterprises',
  name: { zh: '企业证照', en: 'Licences of companies' },
  about: { zh: '入驻企业与商户的证照存档', en: 'Licences of tenants and merchants, kept on file' },
  time: 'expiring',
  reviewMonths: null,
  title: 'number',
  fields: {
    enterprise: recordOf('企业', 'Company', { kind: 'enterprise' }),
    type: choice('类型', 'Kind', {
      options: [
        option('business', '营业执照', 'business'),
        option('food', '食品经营许可', 'food'),
        option('hazardous', '危险化学品', 'hazardous chemicals'),
        option('fire', '消防', 'fire'),
        option('special', '特种行业', 'special trade'),
        option('other', '其他', 'other'),
      ],
    }),
    number: text('证照编号', 'Number'),
  },
});

export const companyCase = defineKind({
  id: 'company-case',
  group: 'enterprises',
  name: { zh: '企业案例', en: 'Cases of companies' },
  about: {
    zh: '企业技术改造、设备更新、协作、人才培养等案例',
    en: 'Renovation, renewal, co-operation, cultivation of talent: cases of companies',
  },
  time: 'event',
  reviewMonths: null,
  title: 'summary',
  fields: {
    enterprise: recordOf('企业', 'Company', { kind: 'enterprise' }),
    type: choice('类型', 'Kind', {
      options: [
        option('tech-renovation', '技术改造', 'technical renovation'),
        option('equipment-renewal', '设备更新', 'equipment renewal'),
        option('in-park-cooperation', '园区内协作', 'co-operation in the park'),
        option('leading-company', '对接龙头企业', 'link with a leading company'),
        option('training-base', '实训基地', 'training base'),
        option('practice-base', '工程师实践基地', 'practice base of engineers'),
        option('college', '校企合作', 'co-operation with a college'),
        option('above-scale', '小升规', 'raised above designated size'),
        option('service-innovation', '服务创新', 'new service'),
        option('other', '其他', 'other'),
      ],
    }),
    summary: text('案例', 'Case'),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const innovationPlatform = defineKind({
  id: 'innovation-platform',
  group: 'services',
  name: { zh: '创新平台', en: 'Innovation platforms' },
  about: {
    zh: '概念验证、中试、共享仪器、公共服务等平台',
    en: 'Concept verification, pilot scale, shared instruments, public service and other platforms',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('平台名称', 'Name'),
    type: choice('类型', 'Kind', {
      options: [
        option('concept', '概念验证', 'concept verification'),
        option('pilot-scale', '中试', 'pilot scale'),
        option('industrial-software', '工业软件', 'industrial software'),
        option('consortium', '创新联合体', 'innovation consortium'),
        option('research', '新型研发机构', 'new research body'),
        option('instruments', '仪器共享', 'shared instruments'),
        option('industry-service', '产业公共服务', 'public service for industry'),
        option('government-service', '政府公共服务', 'public service of government'),
        option('finance', '金融服务', 'finance service'),
        option('people', '人力资源交流', 'exchange on human resources'),
        option('other', '其他', 'other'),
      ],
    }),
    operator: text('运营单位', 'Run by', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

const levels = [
  option('national', '国家级', 'national'),
  option('province', '省级', 'provincial'),
  option('city', '市级', 'city'),
  option('district', '区县级', 'district'),
];

export const parkRecognition = defineKind({
  id: 'park-recognition',
  group: 'assurance',
  name: { zh: '园区认定与评价', en: 'Recognitions of the park' },
  about: {
    zh: '主管部门对园区的认定与评价等级',
    en: 'What authorities have recognised the park as, and how they rated it',
  },
  time: 'expiring',
  reviewMonths: null,
  title: 'type',
  fields: {
    type: choice('类型', 'Kind', {
      options: [
        option('performance', '绩效评价', 'performance rating'),
        option('green-park', '绿色园区', 'green park'),
        option('digital-park', '高标准数字园区', 'high-standard digital park'),
        option('other', '其他', 'other'),
      ],
    }),
    rating: choice('评价等级', 'Rating', {
      optional: true,
      options: ['A', 'B', 'C', 'D'].map((rating) => option(rating, rating, rating)),
    }),
    level: choice('级别', 'Level', { options: levels }),
    issuer: text('认定单位', 'Issued by'),
    number: text('文号', 'Number', { optional: true }),
  },
});

export const industryKinds = [mainIndustry, licence, companyCase, innovationPlatform, parkRecognition];
