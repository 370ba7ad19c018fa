import { choice, count, day, longText, option, quantity, recordOf, tags, text, flag } from '../field.ts';
import { defineKind } from '../kind.ts';

export const enterprise = defineKind({
  id: 'enterprise',
  group: 'enterprises',
  name: { zh: '企业', en: 'Companies' },
  about: {
    zh: '入驻园区的企业，其他台账以编号引用',
    en: 'Companies settled in the park; other books refer to their codes',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('企业名称', 'Name'),
    creditCode: text('统一社会信用代码', 'Unified credit code', { optional: true }),
    industry: choice('所属行业', 'Industry', {
      options: [
        option('manufacturing', '制造业', 'manufacturing'),
        option('software', '软件和信息技术', 'software and IT'),
        option('research', '科学研究和技术服务', 'research and technical services'),
        option('logistics', '物流', 'logistics'),
        option('trade', '商贸', 'trade'),
        option('finance', '金融', 'finance'),
        option('other', '其他', 'other'),
      ],
    }),
    tags: tags('产业标签', 'Industry tags', { optional: true }),
    size: choice('规模', 'Size', {
      optional: true,
      options: [
        option('large', '大型', 'large'),
        option('medium', '中型', 'medium'),
        option('small', '小型', 'small'),
        option('micro', '微型', 'micro'),
      ],
    }),
    aboveScale: flag('规上企业', 'Above designated size', { optional: true }),
    technology: flag('科技型企业', 'Technology company', { optional: true }),
    relation: choice('与主导产业的关系', 'Relation to the main industries', {
      optional: true,
      options: [
        option('main', '主导产业', 'one of them'),
        option('upstream', '上游', 'upstream'),
        option('downstream', '下游', 'downstream'),
        option('none', '无关', 'none'),
      ],
    }),
    gradient: choice('梯度培育', 'Cultivation', {
      optional: true,
      options: [
        option('start-up', '初创', 'start-up'),
        option('innovative', '创新型', 'innovative'),
        option('specialised', '专精特新', 'specialised'),
        option('champion', '龙头', 'champion'),
      ],
    }),
    employees: count('员工人数', 'Employees', { optional: true }),
    contact: text('联系人', 'Contact', { optional: true, personal: true }),
    phone: text('联系电话', 'Phone', { optional: true, personal: true }),
  },
});

export const enterpriseOutput = defineKind({
  id: 'enterprise-output',
  group: 'enterprises',
  name: { zh: '企业产值', en: 'Output of companies' },
  about: { zh: '企业一段时期的产值、营收与税收', en: 'Output, revenue and tax of a company over some time' },
  time: 'expiring',
  reviewMonths: null,
  title: 'enterprise',
  fields: {
    enterprise: recordOf('企业', 'Company', { kind: 'enterprise' }),
    output: quantity('产值', 'Output', { unit: '10k-CNY', optional: true }),
    revenue: quantity('营业收入', 'Revenue', { unit: '10k-CNY', optional: true }),
    tax: quantity('税收', 'Tax paid', { unit: '10k-CNY', optional: true }),
  },
});

export const recognition = defineKind({
  id: 'recognition',
  group: 'enterprises',
  name: { zh: '企业资质与认定', en: 'Recognitions of companies' },
  about: {
    zh: '星级上云、两化融合贯标证书、数字化车间、智能工厂等',
    en: 'Cloud stars, certificates of the two integrations, digital workshops, smart factories and others',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'type',
  fields: {
    enterprise: recordOf('企业', 'Company', { kind: 'enterprise' }),
    type: choice('类型', 'Kind', {
      options: [
        option('cloud-3', '三星上云企业', 'three cloud stars'),
        option('cloud-4', '四星上云企业', 'four cloud stars'),
        option('cloud-5', '五星上云企业', 'five cloud stars'),
        option('two-fusion', '两化融合管理体系证书', 'certificate of the two integrations'),
        option('digital-workshop', '数字化车间', 'digital workshop'),
        option('smart-factory', '智能工厂', 'smart factory'),
        option('high-tech', '高新技术企业', 'high-tech company'),
        option('specialised', '专精特新企业', 'specialised and innovative company'),
        option('green-factory', '绿色工厂', 'green factory'),
        option('technology-sme', '科技型中小企业', 'technology SME'),
        option('innovative-sme', '创新型中小企业', 'innovative SME'),
        option('little-giant', '专精特新“小巨人”', 'little giant'),
        option('single-champion', '单项冠军', 'single champion'),
        option('gazelle', '瞪羚企业', 'gazelle'),
        option('unicorn', '独角兽企业', 'unicorn'),
        option('quality-system', '先进质量管理体系', 'advanced quality system'),
        option('excellence', '卓越质量示范单位', 'excellence demonstration unit'),
        option('quality-award', '政府质量奖', 'government quality award'),
        option('quality-project', '优秀质量项目', 'excellent quality project'),
        option('other', '其他', 'other'),
      ],
    }),
    level: choice('级别', 'Level', {
      options: [
        option('national', '国家级', 'national'),
        option('province', '省级', 'provincial'),
        option('city', '市级', 'city'),
        option('district', '区县级', 'district'),
        option('body', '认证机构', 'certification body'),
      ],
    }),
    issuer: text('发证机构', 'Issued by'),
    number: text('证书编号', 'Number', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const cloudUse = defineKind({
  id: 'cloud-use',
  group: 'enterprises',
  name: { zh: '云服务使用', en: 'Use of cloud services' },
  about: {
    zh: '企业使用园区自建或合作的云服务',
    en: 'Companies that use the cloud service of the park or its partner',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'service',
  fields: {
    enterprise: recordOf('企业', 'Company', { kind: 'enterprise' }),
    service: text('服务内容', 'Service'),
    provider: text('服务商', 'Provider'),
    source: choice('来源', 'Source', {
      options: [
        option('own-centre', '园区自建数据中心', "the park's own data centre"),
        option('partner', '园区合作的云服务商', 'a cloud provider that the park works with'),
      ],
    }),
  },
});

export const benefit = defineKind({
  id: 'benefit',
  group: 'enterprises',
  name: { zh: '创新创业受惠', en: 'Innovation benefits' },
  about: {
    zh: '企业享受的创新创业优惠，逐笔记录',
    en: 'What companies received for innovation and start-ups, one record each time',
  },
  time: 'event',
  reviewMonths: null,
  title: 'type',
  fields: {
    enterprise: recordOf('受惠企业', 'Company', { kind: 'enterprise' }),
    type: choice('优惠方式', 'Kind', {
      options: [
        option('cash', '现金奖励', 'cash award'),
        option('fee-offset', '物业费减免', 'property fee waived'),
        option('rent', '租金优惠', 'lower rent'),
        option('service', '服务补贴', 'subsidised service'),
        option('other', '其他', 'other'),
      ],
    }),
    amount: quantity('金额', 'Amount', { unit: '10k-CNY' }),
    paidOn: day('到账日期', 'Paid on', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const enterpriseKinds = [enterprise, enterpriseOutput, recognition, cloudUse, benefit];
