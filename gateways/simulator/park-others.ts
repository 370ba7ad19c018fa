import { unit } from './random.ts';
import { boxId, buildingOf, buildings, buildingSpace, floorsOf, floorSpace, two } from './plan.ts';
import type { EnvironmentGroup, Equipment, PlannedDevice } from './plan.ts';

/** Everything of the park but its meters. */

const inHouse = ['a', 'b', 'c', 'd', 'e'];

/** Where cameras look: place, name, and how many there. */
function cameraPlaces(): { spaceId: string; name: string; code: string }[] {
  const several = (spaceId: string, name: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      spaceId,
      name: count === 1 ? name : `${name}${index + 1}号`,
      code: spaceId,
    }));
  return [
    ...['gate-north', 'gate-south'].flatMap((gate) =>
      several(gate, gate === 'gate-north' ? '北门' : '南门', 4),
    ),
    ...inHouse.flatMap((code) => several(`lobby-${code}`, `${buildingOf(code).name}大堂`, 2)),
    ...['a', 'b', 'c'].flatMap((code) =>
      floorsOf(buildingOf(code)).flatMap((floor) =>
        several(floorSpace(code, floor), `${buildingOf(code).name}${floor}层走廊`, 1),
      ),
    ),
    ...[1, 2, 3].flatMap((floor) => several(floorSpace('d', floor), `D座${floor}层车间`, 2)),
    ...[1, 2].flatMap((floor) => several(floorSpace('e', floor), `E座${floor}层餐厅`, 2)),
    ...several('plant-boiler-room', '锅炉房', 1),
    ...several('plant-chiller-room', '制冷机房', 1),
    ...several('plant-substation', '变电所', 1),
    ...several('road-ring', '环园路', 4),
    ...several('crossing-east', '东路口', 2),
    ...several('parking-east', '东停车场', 6),
    ...several('plaza', '中心广场', 3),
    ...several('garden', '南园围界', 4),
  ];
}

/** The full-length cameras keep 31 to 44 days; every 27th only 12, because its recorder is short of disk. */
export function cameras(key: number): PlannedDevice[] {
  return cameraPlaces().map(({ spaceId, name }, index) => {
    const wide = unit(key, index) < 0.3;
    const short = index % 27 === 13;
    const retentionDays = short ? 12 : 31 + Math.floor(unit(key, 1000 + index) * 14);
    return {
      id: `cam-${String(index + 1).padStart(3, '0')}`,
      name: `${name}摄像机`,
      class: 'camera',
      spaceId,
      box: boxId('cctv'),
      attributes: {
        recorderId: `nvr-${(index % 3) + 1}`,
        ratedWidthPx: wide ? 3840 : 1920,
        ratedHeightPx: wide ? 2160 : 1080,
        retentionTargetDays: 30,
      },
      model: { kind: 'camera', retentionDays, wide },
    };
  });
}

export function recorders(cameraCount: number): PlannedDevice[] {
  return [1, 2, 3].map((n) => {
    const channels = Math.ceil((cameraCount - n + 1) / 3);
    return {
      id: `nvr-${n}`,
      name: `${n}号网络录像机`,
      class: 'recorder',
      spaceId: 'control-room',
      box: boxId('cctv'),
      attributes: { channels, capacityTb: 96 },
      model: { kind: 'recorder', channels },
    };
  });
}

export function elevators(): PlannedDevice[] {
  const counts = { a: 4, b: 3, c: 3, d: 1, e: 1 };
  return Object.entries(counts).flatMap(([code, count]) => {
    const building = buildingOf(code);
    return Array.from({ length: count }, (_, index): PlannedDevice => ({
      id: `el-${code}-${index + 1}`,
      name: `${building.name}${index + 1}号${code === 'd' ? '货梯' : '电梯'}`,
      class: 'elevator',
      spaceId: buildingSpace(code),
      box: null,
      attributes: {
        ratedLoadKg: code === 'd' ? 3000 : 1050,
        ratedSpeedMs: building.floors > 6 ? 2.5 : 1,
        floors: building.floors,
      },
      model: {
        kind: 'elevator',
        lowest: building.floors > 6 ? -1 : 1,
        highest: building.floors,
        tripsPerHour: building.floors > 6 ? 42 : 16,
      },
    }));
  });
}

export function environmentStations(): PlannedDevice[] {
  const station = (
    id: string,
    at: { name: string; spaceId: string },
    model: { measures: EnvironmentGroup[]; noiseBase?: number },
  ): PlannedDevice => ({
    id,
    name: at.name,
    class: 'environment-station',
    spaceId: at.spaceId,
    box: boxId('out'),
    attributes: {},
    model: { kind: 'environment', measures: model.measures, noiseBase: model.noiseBase ?? 0 },
  });
  return [
    station('env-gate-north', { name: '北门空气监测站', spaceId: 'gate-north' }, { measures: ['air'] }),
    station(
      'env-plaza',
      { name: '中心广场环境监测站', spaceId: 'plaza' },
      { measures: ['air', 'weather', 'noise'], noiseBase: 47 },
    ),
    station('env-gate-south', { name: '南门空气监测站', spaceId: 'gate-south' }, { measures: ['air'] }),
    station(
      'env-road',
      { name: '环园路噪声监测点', spaceId: 'road-ring' },
      { measures: ['noise'], noiseBase: 52 },
    ),
    station(
      'env-boundary',
      { name: 'D座厂界噪声监测点', spaceId: 'boundary-west' },
      { measures: ['noise'], noiseBase: 50 },
    ),
    station('env-roof', { name: 'A座屋顶气象站', spaceId: 'bld-a' }, { measures: ['weather'] }),
    station('env-lobby-a', { name: 'A座大堂空气品质监测仪', spaceId: 'lobby-a' }, { measures: ['indoor'] }),
    station('env-outfall', { name: '总排口水质监测站', spaceId: 'outfall' }, { measures: ['water-quality'] }),
  ];
}

export function accessDoors(): PlannedDevice[] {
  const door = (
    id: string,
    at: { name: string; spaceId: string; code: string },
    passagesPerHour: number,
  ): PlannedDevice => ({
    id: `door-${id}`,
    name: at.name,
    class: 'access-door',
    spaceId: at.spaceId,
    box: boxId(at.code),
    attributes: { direction: 'both' },
    model: { kind: 'door', passagesPerHour },
  });
  const offices = ['a', 'b', 'c'].flatMap((code) => {
    const building = buildingOf(code);
    return [
      ...['主', '侧'].map((side, index) =>
        door(
          `${code}-${index === 0 ? 'main' : 'side'}`,
          { name: `${building.name}${side}入口门禁`, spaceId: `lobby-${code}`, code },
          38 - 20 * index,
        ),
      ),
      ...floorsOf(building).map((floor) =>
        door(
          `${code}-f${two(floor)}`,
          { name: `${building.name}${floor}层门禁`, spaceId: floorSpace(code, floor), code },
          12,
        ),
      ),
    ];
  });
  return [
    ...offices,
    door('server-room', { name: 'A座机房门禁', spaceId: 'control-room', code: 'a' }, 1.5),
    door('gate-north', { name: '北门人行通道门禁', spaceId: 'gate-north', code: 'out' }, 40),
    door('gate-south', { name: '南门人行通道门禁', spaceId: 'gate-south', code: 'out' }, 30),
    door('plant', { name: '动力中心门禁', spaceId: 'bld-p', code: 'p' }, 2.5),
  ];
}

/** Luminaires, chargers and fire panels: a few of each. */
export function smallThings(): PlannedDevice[] {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  return [
    ...numbers(10).map((n): PlannedDevice => ({
      id: `lamp-${two(n)}`,
      name: `环园路${n}号路灯`,
      class: 'luminaire',
      spaceId: 'road-ring',
      box: boxId('out'),
      attributes: { ratedPowerKw: 0.15, circuit: n <= 5 ? '一路' : '二路' },
      model: { kind: 'luminaire', ratedKw: 0.15 },
      events: [['lighting.switched-by-schedule', 2]],
    })),
    ...numbers(8).map((n): PlannedDevice => ({
      id: `charger-${two(n)}`,
      name: `${n}号充电桩`,
      class: 'charger',
      spaceId: 'parking-east',
      box: boxId('out'),
      attributes: { ratedPowerKw: n <= 2 ? 60 : 7, current: n <= 2 ? 'DC' : 'AC' },
      model: { kind: 'charger', ratedKw: n <= 2 ? 60 : 7 },
    })),
    ...inHouse.map((code): PlannedDevice => ({
      id: `fire-${code}`,
      name: `${buildingOf(code).name}火灾报警控制器`,
      class: 'fire-panel',
      spaceId: `lobby-${code}`,
      box: boxId(code),
      attributes: { loops: buildingOf(code).floors, inspectionDue: '2028-06-30' },
      model: { kind: 'fire-panel' },
    })),
  ];
}

/** The plant room, read over OPC UA. */
export function plantEquipment(): PlannedDevice[] {
  const machine = (id: string, name: string, equipment: Equipment): PlannedDevice => {
    const ratedKw = { chiller: 210, boiler: 6, pump: 30 }[equipment];
    return {
      id,
      name,
      class: 'building-equipment',
      spaceId: equipment === 'boiler' ? 'plant-boiler-room' : 'plant-chiller-room',
      box: null,
      attributes: { kind: equipment, ratedPowerKw: ratedKw },
      model: { kind: 'equipment', equipment, ratedKw },
    };
  };
  return [
    machine('chiller-1', '1号冷水机组', 'chiller'),
    machine('chiller-2', '2号冷水机组', 'chiller'),
    machine('boiler-1', '1号锅炉', 'boiler'),
    machine('boiler-2', '2号锅炉', 'boiler'),
    machine('pump-1', '1号循环水泵', 'pump'),
    machine('pump-2', '2号循环水泵', 'pump'),
  ];
}

/** One gateway box per building, one outdoors, one for the video system. */
export function gatewayBoxes(): PlannedDevice[] {
  const box = (code: string, name: string, spaceId: string): PlannedDevice => ({
    id: boxId(code),
    name: `${name}物联网关`,
    class: 'gateway',
    spaceId,
    box: boxId(code),
    attributes: { protocols: 'MQTT' },
    model: { kind: 'box' },
  });
  return [
    ...buildings.map(({ code, name }) => box(code, name, buildingSpace(code))),
    box('out', '室外', 'gate-south'),
    box('cctv', '视频', 'control-room'),
  ];
}
