import { choice, choices, count, day, flag, longText, option, recordOf, tags, text } from '../field.ts';
import { defineKind } from '../kind.ts';

export const staff = defineKind({
  id: 'staff',
  group: 'people',
  name: { zh: '人员与资质', en: 'Staff and qualifications' },
  about: { zh: '园区运营与信息化人员', en: 'People who run the park and its systems' },
  time: 'standing',
  reviewMonths: 6,
  title: 'post',
  fields: {
    name: text('姓名', 'Name', { personal: true }),
    post: text('岗位', 'Post'),
    team: choice('团队', 'Team', {
      options: [
        option('it', '信息化服务', 'IT services'),
        option('security', '信息安全', 'information security'),
        option('operation', '园区运营', 'park operation'),
        option('investment', '招商', 'investment promotion'),
        option('safety', '安全生产', 'safety'),
        option('emergency', '应急', 'emergency response'),
        option('service', '企业服务', 'service for companies'),
        option('property', '物业', 'property'),
        option('environment', '环境与绿色', 'environment'),
        option('finance', '财务与金融', 'finance'),
        option('people', '人力资源', 'human resources'),
        option('catering', '餐饮', 'catering'),
        option('other', '其他', 'other'),
      ],
    }),
    employment: choice('用工', 'Employment', {
      options: [option('full-time', '专职', 'full-time'), option('part-time', '兼职', 'part-time')],
    }),
    certified: flag('持证上岗', 'Certified for the post', { optional: true }),
    qualifications: tags('资质证书', 'Qualifications', { optional: true }),
    phone: text('电话', 'Phone', { optional: true, personal: true }),
  },
});

export const training = defineKind({
  id: 'training',
  group: 'people',
  name: { zh: '宣传与培训', en: 'Publicity and training' },
  about: { zh: '举办的宣传、培训活动', en: 'Publicity and training events that were held' },
  time: 'event',
  reviewMonths: null,
  title: 'topic',
  fields: {
    topic: text('主题', 'Topic'),
    type: choice('类型', 'Kind', {
      options: [option('publicity', '宣传', 'publicity'), option('training', '培训', 'training')],
    }),
    participants: count('人数', 'Participants'),
    trainer: text('主讲', 'Given by', { optional: true }),
    note: longText('内容', 'Content', { optional: true }),
  },
});

const incidents = [
  option('fire', '火灾', 'fire'),
  option('flood', '防汛', 'flood'),
  option('earthquake', '地震', 'earthquake'),
  option('power', '停电', 'power failure'),
  option('hazmat', '危险化学品', 'hazardous chemicals'),
  option('epidemic', '疫情', 'epidemic'),
  option('security', '治安', 'public order'),
  option('elevator', '电梯困人', 'people trapped in a lift'),
  option('network', '网络安全', 'network security'),
  option('work-safety', '生产安全事故', 'work-safety accident'),
  option('special-equipment', '特种设备事故', 'accident of special equipment'),
  option('food', '食品安全', 'food safety'),
  option('traffic', '交通事故', 'traffic accident'),
  option('petition', '群体性事件', 'mass petition'),
  option('crowd', '人员密集活动', 'large crowds'),
  option('other', '其他', 'other'),
];

export const plan = defineKind({
  id: 'plan',
  group: 'people',
  name: { zh: '应急预案', en: 'Emergency plans' },
  about: { zh: '各类事件的应急预案及其版本', en: 'Plans for incidents, with their versions' },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('预案名称', 'Name'),
    incidents: choices('事件类型', 'Incidents', { options: incidents }),
    version: text('版本', 'Version'),
    approvedOn: day('批准日期', 'Approved on', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const drill = defineKind({
  id: 'drill',
  group: 'people',
  name: { zh: '应急演练', en: 'Drills' },
  about: { zh: '组织的应急演练', en: 'Drills that were held' },
  time: 'event',
  reviewMonths: null,
  title: 'topic',
  fields: {
    topic: text('科目', 'Topic'),
    incident: choice('事件类型', 'Incident', { options: incidents }),
    plan: recordOf('预案', 'Plan', { kind: 'plan', optional: true }),
    participants: count('人数', 'Participants'),
    findings: longText('评估与改进', 'Findings and what follows', { optional: true }),
  },
});

export const peopleKinds = [staff, training, plan, drill];
