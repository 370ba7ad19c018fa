import { choice, count, flag, longText, option, quantity, space, text } from '../field.ts';
import { defineKind } from '../kind.ts';

export const parkProfile = defineKind({
  id: 'park-profile',
  group: 'facilities',
  name: { zh: '园区概况', en: 'Profile of the park' },
  about: {
    zh: '园区类型、用地与建筑面积；一座园区一条记录',
    en: 'What kind of park it is, its land and floor area; one record a park',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('园区名称', 'Name'),
    type: choice('类型', 'Kind', {
      options: [
        option('manufacturing', '生产制造类', 'manufacturing'),
        option('other', '其他（生产服务等）', 'others (services and the like)'),
      ],
    }),
    landArea: quantity('占地面积', 'Land area', { unit: 'mu' }),
    floorArea: quantity('建筑面积', 'Floor area', { unit: 'm2' }),
  },
});

export const place = defineKind({
  id: 'place',
  group: 'facilities',
  name: { zh: '配套场所', en: 'Places of service' },
  about: {
    zh: '园区内或附近为企业和员工服务的场所',
    en: 'Places in or near the park that serve companies and their people',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('场所名称', 'Name'),
    type: choice('类型', 'Kind', {
      options: [
        option('restaurant', '餐厅', 'restaurant'),
        option('shop', '商店', 'shop'),
        option('bank', '银行', 'bank'),
        option('post', '邮政与快递', 'post and parcels'),
        option('culture', '文体休闲', 'culture, sports and leisure'),
        option('medical', '医疗', 'medical service'),
        option('flat', '人才公寓', 'talent flats'),
        option('dormitory', '宿舍', 'dormitory'),
        option('meeting', '会议与展览', 'meetings and exhibitions'),
        option('business', '商务', 'business service'),
        option('office', '办公', 'offices'),
        option('storage', '仓储', 'storage'),
        option('logistics', '物流', 'logistics'),
        option('incubation', '孵化场地', 'incubation space'),
        option('customer-work', '客户现场办公', 'on-site work of customers'),
        option('statistics-work', '统计工作', 'statistics work'),
        option('community-work', '社区工作', 'community work'),
        option('computing-centre', '算力中心', 'computing centre'),
        option('storage-centre', '存储中心', 'storage centre for data'),
        option('other', '其他', 'other'),
      ],
    }),
    inside: flag('在园区内', 'Inside the park'),
    area: quantity('面积', 'Floor area', { unit: 'm2', optional: true }),
    seats: count('容纳人数', 'Capacity', { optional: true }),
    space: space('空间', 'Space', { optional: true }),
  },
});

export const greenFacility = defineKind({
  id: 'green-facility',
  group: 'facilities',
  name: { zh: '绿色设施与措施', en: 'Green facilities and measures' },
  about: {
    zh: '节能、节水、排水、分类回收等设施与措施',
    en: 'What saves energy and water, drains, sorts and recycles',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('名称', 'Name'),
    type: choice('类型', 'Kind', {
      options: [
        option('energy-saving', '节能设备或措施', 'energy saving'),
        option('water-saving', '节水器具', 'water-saving fittings'),
        option('rainwater', '雨水回用', 'rainwater reuse'),
        option('grey-water', '中水回用', 'grey water reuse'),
        option('waste-sorting', '垃圾分类设施', 'waste sorting'),
        option('separated-drainage', '雨污分流', 'separate rain and foul water'),
        option('interceptor', '截污管', 'interceptor pipes'),
        option('flood-pumping', '排涝泵站', 'drainage and flood pumping'),
        option('road-fitting', '道路与附属设施', 'roads and fittings'),
        option('safety-sign', '安全标志', 'safety signs'),
        option('other', '其他', 'other'),
      ],
    }),
    standard: text('依据标准', 'Standard', { optional: true }),
    effect: longText('效果', 'Effect', { optional: true }),
    space: space('空间', 'Space', { optional: true }),
  },
});

export const scenario = defineKind({
  id: 'scenario',
  group: 'facilities',
  name: { zh: '应用场景', en: 'Application scenarios' },
  about: { zh: '数字化、智能化应用场景', en: 'Where digital and smart techniques are used' },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('场景名称', 'Name'),
    type: choice('类型', 'Kind', {
      options: [
        option('production', '生产', 'production'),
        option('industrial-internet', '工业互联网', 'industrial internet'),
        option('service', '服务', 'service'),
        option('management', '管理', 'management'),
        option('energy', '能源', 'energy'),
        option('transport', '交通', 'transport'),
        option('other', '其他', 'other'),
      ],
    }),
    owner: text('建设单位', 'Run by', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const placeKinds = [parkProfile, place, greenFacility, scenario];
