import { choice, count, flag, longText, option, quantity, space, text } from '../field.ts';
import { defineKind } from '../kind.ts';

export const road = defineKind({
  id: 'road',
  group: 'facilities',
  name: { zh: '道路', en: 'Roads' },
  about: { zh: '园区道路及其通信管网', en: 'Roads of the park and the ducts along them' },
  time: 'standing',
  reviewMonths: null,
  title: 'name',
  fields: {
    name: text('道路名称', 'Name'),
    main: flag('主要道路', 'Main road'),
    ducts: flag('建有通信管网', 'Communication ducts'),
    length: quantity('长度', 'Length', { unit: 'm', max: 100_000, optional: true }),
    space: space('空间', 'Space', { optional: true }),
  },
});

export const buildingAccess = defineKind({
  id: 'building-access',
  group: 'facilities',
  name: { zh: '建筑通信接入', en: 'Network access of buildings' },
  about: {
    zh: '每栋建筑的引上孔井、引上钢管与光纤接入',
    en: 'Riser wells, riser pipes and optical access of each building',
  },
  time: 'standing',
  reviewMonths: null,
  title: 'name',
  fields: {
    name: text('建筑名称', 'Building'),
    space: space('空间', 'Space', { optional: true }),
    riserNeeded: flag('主要或接入点密集的建筑', 'Main building, or dense in access points'),
    riserWell: flag('引上孔井', 'Riser well'),
    riserPipe: flag('引上钢管', 'Riser pipe'),
    allOptical: flag('全光网络接入', 'All-optical access'),
    fibreToFloor: flag('光纤到每一楼层', 'Fibre on every floor', { optional: true }),
  },
});

export const fibrePilot = defineKind({
  id: 'fibre-pilot',
  group: 'facilities',
  name: { zh: '光纤到桌面试点', en: 'Fibre-to-the-desk pilots' },
  about: { zh: '光纤到桌面的试点', en: 'Where fibre goes to the desk' },
  time: 'standing',
  reviewMonths: null,
  title: 'name',
  fields: {
    name: text('试点名称', 'Pilot'),
    space: space('空间', 'Space', { optional: true }),
    desks: count('桌面点数', 'Desks', { optional: true }),
  },
});

export const technicalRoom = defineKind({
  id: 'technical-room',
  group: 'facilities',
  name: { zh: '机房与监控中心', en: 'Technical rooms and control centre' },
  about: {
    zh: '通信机房、监控中心、数据中心的场地',
    en: 'Rooms of telecom equipment, the control centre and the data centre',
  },
  time: 'standing',
  reviewMonths: null,
  title: 'name',
  fields: {
    name: text('名称', 'Name'),
    use: choice('用途', 'Use', {
      options: [
        option('telecom-room', '通信机房', 'telecom room'),
        option('control-centre', '监控中心', 'control centre'),
        option('data-centre', '数据中心', 'data centre'),
      ],
    }),
    independent: flag('独立', 'Of its own, not shared'),
    standard: flag('标准机房', 'Built as a standard equipment room', { optional: true }),
    area: quantity('面积', 'Floor area', { unit: 'm2', max: 100_000 }),
    space: space('空间', 'Space', { optional: true }),
  },
});

export const parkModel = defineKind({
  id: 'park-model',
  group: 'facilities',
  name: { zh: '园区模型', en: 'Models of the park' },
  about: {
    zh: '地理信息、建筑信息与三维模型',
    en: 'Geographic, building and three-dimensional models',
  },
  time: 'standing',
  reviewMonths: 12,
  title: 'name',
  fields: {
    name: text('模型名称', 'Name'),
    type: choice('类型', 'Kind', {
      options: [
        option('gis', '地理信息系统', 'geographic information system'),
        option('bim', '建筑信息模型', 'building information model'),
        option('cim', '城市信息模型', 'city information model'),
        option('model-3d', '高精度三维模型', 'high-precision 3D model'),
      ],
    }),
    coverage: choice('范围', 'Covers', {
      options: [
        option('whole', '全园区', 'the whole park'),
        option('part', '部分或试点', 'a part, or a pilot'),
      ],
    }),
    address: text('访问地址', 'Address', { optional: true }),
    note: longText('说明', 'Note', { optional: true }),
  },
});

export const officeArea = defineKind({
  id: 'office-area',
  group: 'facilities',
  name: { zh: '办公区域便民设施', en: 'Facilities of office areas' },
  about: {
    zh: '每个办公区域的无人零售与智能寄存柜',
    en: 'Unmanned shops and smart lockers of each office area',
  },
  time: 'standing',
  reviewMonths: null,
  title: 'name',
  fields: {
    name: text('区域名称', 'Area'),
    main: flag('主要办公区域', 'Main office area'),
    unmannedRetail: flag('无人零售', 'Unmanned shop'),
    lockers: flag('智能寄存柜', 'Smart lockers'),
    space: space('空间', 'Space', { optional: true }),
  },
});

export const parkingArea = defineKind({
  id: 'parking-area',
  group: 'facilities',
  name: { zh: '停车区与充电设施', en: 'Parking areas and chargers' },
  about: {
    zh: '每个停车区的车位与充电车位',
    en: 'Parking spaces of each area, and those with chargers',
  },
  time: 'standing',
  reviewMonths: null,
  title: 'name',
  fields: {
    name: text('停车区', 'Area'),
    spaces: count('车位数', 'Parking spaces'),
    built: count('已建充电车位', 'Spaces with a charger'),
    planned: count('已规划充电车位', 'Spaces with a planned charger'),
    smart: flag('自助智能充电', 'Self-service smart charging', { optional: true }),
    space: space('空间', 'Space', { optional: true }),
  },
});

export const facilityKinds = [
  road,
  buildingAccess,
  fibrePilot,
  technicalRoom,
  parkModel,
  officeArea,
  parkingArea,
];
