import { profiles } from './profiles.ts';
import type { ProfileName } from './profiles.ts';
import {
  boxId,
  buildingOf,
  buildings,
  buildingSpace,
  floorsOf,
  floorSpace,
  officeCodes,
  two,
} from './plan.ts';
import type { Metered, PlannedDevice } from './plan.ts';

/** Electricity, water and gas: about 130 meters in three trees, each main the sum of what hangs behind it. */

interface MeterPlan {
  readonly id: string;
  readonly name: string;
  readonly spaceId: string;
  readonly box: string;
  readonly metered: Metered;
}

/** How far a day may go above its profile: the wobble and the day's own factor. */
const headroom = 1.45;
const energyModulus = { sub: 1_000_000, main: 100_000_000 };

/** The highest rate that a metered quantity can reach; mains add up. */
function ceiling(metered: Metered, others: ReadonlyMap<string, number>): number {
  if ('load' in metered) {
    const { workday, restday } = profiles[metered.load.profile];
    return metered.load.peak * Math.max(...workday, ...restday) * headroom;
  }
  return metered.lossFactor * metered.sumOf.reduce((sum, id) => sum + (others.get(id) ?? 0), 0);
}

function withCeilings(
  meters: readonly MeterPlan[],
): (MeterPlan & { readonly ceiling: number; readonly above: { parentMeterId?: string } })[] {
  const known = new Map<string, number>();
  const parents = new Map(
    meters.flatMap(({ id, metered }) =>
      'sumOf' in metered ? metered.sumOf.map((child): [string, string] => [child, id]) : [],
    ),
  );
  return meters.map((meter) => {
    const top = ceiling(meter.metered, known);
    known.set(meter.id, top);
    const parentMeterId = parents.get(meter.id);
    return { ...meter, ceiling: top, above: parentMeterId === undefined ? {} : { parentMeterId } };
  });
}

function load(profile: ProfileName, peak: number): Metered {
  return { load: { profile, peak } };
}

function sumOf(meters: readonly { readonly id: string }[], lossFactor: number): Metered {
  return { sumOf: meters.map(({ id }) => id), lossFactor };
}

/** One step up in a series of standard ratings. */
function rating(atLeast: number, series: readonly number[]): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(atLeast, 0.01)));
  const step = series.find((candidate) => candidate * decade >= atLeast) ?? 10;
  return Number((step * decade).toPrecision(3));
}

function subMetersOf(code: string): MeterPlan[] {
  const building = buildingOf(code);
  const base = { box: boxId(code) };
  const floors = floorsOf(building).flatMap((floor): MeterPlan[] => {
    const at = { ...base, spaceId: floorSpace(code, floor) };
    const name = `${building.name}${floor}层`;
    const id = `em-${code}-f${two(floor)}`;
    if (code === 'd') {
      return [
        { ...at, id: `${id}-light`, name: `${name}照明电表`, metered: load('lighting', 14) },
        { ...at, id: `${id}-shop`, name: `${name}车间动力电表`, metered: load('workshop', 85) },
      ];
    }
    const share = building.areaM2 / building.floors / 1000;
    return [
      { ...at, id: `${id}-light`, name: `${name}照明电表`, metered: load('lighting', 7.5 * share) },
      { ...at, id: `${id}-power`, name: `${name}插座电表`, metered: load('sockets', 13 * share) },
    ];
  });
  return [...floors, ...sharedMetersOf(code)];
}

/** Air handling, lifts and the special loads of a building. */
function sharedMetersOf(code: string): MeterPlan[] {
  const building = buildingOf(code);
  const at = { box: boxId(code), spaceId: buildingSpace(code) };
  const meter = (part: string, name: string, metered: Metered): MeterPlan => ({
    ...at,
    id: `em-${code}-${part}`,
    name: `${building.name}${name}`,
    metered,
  });
  if (officeCodes.includes(code)) {
    return [
      meter('hvac', '空调电表', load('hvac', building.areaM2 * 0.011)),
      meter('lift', '电梯电表', load('traffic', building.floors * 3)),
      ...(code === 'a' ? [meter('server', '机房电表', load('server', 46))] : []),
    ];
  }
  if (code === 'e') return [meter('kitchen', '厨房动力电表', load('canteen', 72))];
  if (code === 'p') {
    return [
      { ...meter('chiller', '冷水机组电表', load('chiller', 420)), spaceId: 'plant-chiller-room' },
      { ...meter('pump', '循环水泵电表', load('hvac', 55)), spaceId: 'plant-chiller-room' },
      { ...meter('boiler', '锅炉辅机电表', load('boiler', 18)), spaceId: 'plant-boiler-room' },
    ];
  }
  return [];
}

function energyPlans(): MeterPlan[] {
  const perBuilding = buildings.map(({ code, name }) => {
    const subs = code === 'p' ? sharedMetersOf(code) : subMetersOf(code);
    const main: MeterPlan = {
      id: `em-${code}-main`,
      name: `${name}总电表`,
      spaceId: buildingSpace(code),
      box: boxId(code),
      metered: sumOf(subs, 1.012),
    };
    return { subs, main };
  });
  const outdoor: MeterPlan[] = [
    {
      id: 'em-out-light',
      name: '室外照明电表',
      spaceId: 'road-ring',
      box: boxId('out'),
      metered: load('street', 24),
    },
    {
      id: 'em-out-charging',
      name: '充电站电表',
      spaceId: 'parking-east',
      box: boxId('out'),
      metered: load('charging', 180),
    },
  ];
  const mains = perBuilding.map(({ main }) => main);
  const park: MeterPlan = {
    id: 'em-park',
    name: '园区总电表',
    spaceId: 'plant-substation',
    box: boxId('p'),
    metered: sumOf([...mains, ...outdoor], 1.008),
  };
  return [...perBuilding.flatMap(({ subs, main }) => [...subs, main]), ...outdoor, park];
}

export function energyMeters(): PlannedDevice[] {
  return withCeilings(energyPlans()).map(({ id, name, spaceId, box, metered, above, ceiling: top }) => {
    const ratedPowerKw = rating(top, [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8]);
    const isMain = 'sumOf' in metered;
    const modulus = isMain ? energyModulus.main : energyModulus.sub;
    return {
      id,
      name,
      class: 'energy-meter',
      spaceId,
      box,
      attributes: {
        ...above,
        ratedPowerKw,
        accuracyClass: isMain ? '0.5S' : '1.0',
        ...(isMain ? { registerModulusKwh: modulus, ctRatio: Math.ceil(ratedPowerKw / 33) * 10 } : {}),
      },
      model: { kind: 'energy-meter', metered, polyphase: isMain || top > 20, modulus },
    };
  });
}

function waterPlans(): MeterPlan[] {
  const at = (code: string, suffix: string, name: string, metered: Metered): MeterPlan => ({
    id: `wm-${code}-${suffix}`,
    name: `${buildingOf(code).name}${name}`,
    spaceId: buildingSpace(code),
    box: boxId(code),
    metered,
  });
  const perBuilding: Readonly<Record<string, MeterPlan[]>> = {
    ...Object.fromEntries(
      officeCodes.map((code) => [
        code,
        floorsOf(buildingOf(code))
          .filter((floor) => floor % 2 === 1)
          .map((floor) => ({
            ...at(code, `f${two(floor)}`, `${floor}-${floor + 1}层卫生间水表`, load('water', 1.1)),
            spaceId: floorSpace(code, floor),
          })),
      ]),
    ),
    d: [
      at('d', 'process', '工艺用水表', load('workshop', 2.6)),
      at('d', 'wc', '卫生间水表', load('water', 0.9)),
    ],
    e: [
      at('e', 'kitchen', '厨房水表', load('canteen', 4.2)),
      at('e', 'wc', '卫生间水表', load('water', 0.8)),
    ],
    p: [
      { ...at('p', 'tower', '冷却塔补水表', load('chiller', 5.5)), spaceId: 'plant-chiller-room' },
      { ...at('p', 'boiler', '锅炉补水表', load('boiler', 0.9)), spaceId: 'plant-boiler-room' },
    ],
  };
  const mains = buildings.map(({ code }) => at(code, 'main', '总水表', sumOf(perBuilding[code] ?? [], 1.02)));
  const outdoor: MeterPlan[] = ['plaza', 'garden'].map((spaceId, index) => ({
    id: `wm-out-${spaceId}`,
    name: index === 0 ? '中心广场绿化水表' : '南园绿化水表',
    spaceId,
    box: boxId('out'),
    metered: load('irrigation', 3.4),
  }));
  const park: MeterPlan = {
    id: 'wm-park',
    name: '园区总水表',
    spaceId: 'gate-south',
    box: boxId('out'),
    metered: sumOf([...mains, ...outdoor], 1.03),
  };
  return [...Object.values(perBuilding).flat(), ...mains, ...outdoor, park];
}

function gasPlans(): MeterPlan[] {
  const at = (
    code: string,
    suffix: string,
    options: { name: string; metered: Metered; spaceId?: string },
  ): MeterPlan => ({
    id: `gm-${code}-${suffix}`,
    name: options.name,
    spaceId: options.spaceId ?? buildingSpace(code),
    box: boxId(code),
    metered: options.metered,
  });
  const spaceId = 'plant-boiler-room';
  const boilers = [1, 2, 3].map((n) =>
    at('p', `boiler-${n}`, { name: `${n}号锅炉燃气表`, metered: load('boiler', 62), spaceId }),
  );
  const kitchens = ['炒灶', '蒸柜', '汤灶', '洗消'].map((name, index) =>
    at('e', `k${index + 1}`, {
      name: `食堂${name}燃气表`,
      metered: load('canteen', 9 - index),
      spaceId: floorSpace('e', 1),
    }),
  );
  const plant = at('p', 'main', { name: '动力中心总燃气表', metered: sumOf(boilers, 1.002) });
  const canteen = at('e', 'main', { name: '食堂总燃气表', metered: sumOf(kitchens, 1.002) });
  const lab = at('c', 'lab', {
    name: 'C座8层实验室燃气表',
    metered: load('workshop', 2),
    spaceId: floorSpace('c', 8),
  });
  const shop = at('d', 'shop', { name: 'D座厂房燃气表', metered: load('workshop', 14) });
  const park = at('p', 'park', { name: '园区总燃气表', metered: sumOf([plant, canteen, lab, shop], 1.003) });
  return [...boilers, ...kitchens, plant, canteen, lab, shop, park];
}

function volumeMeters(medium: 'water' | 'gas', plans: readonly MeterPlan[]): PlannedDevice[] {
  const modulus = medium === 'water' ? 100_000 : 1_000_000;
  return withCeilings(plans).map(({ id, name, spaceId, box, metered, above, ceiling: top }) => {
    const wraps = 'sumOf' in metered ? modulus * 100 : modulus;
    return {
      id,
      name,
      class: `${medium}-meter`,
      spaceId,
      box,
      attributes: {
        ...above,
        nominalFlowM3h: rating(top, [1, 1.6, 2.5, 4, 6.3]),
        ...('sumOf' in metered ? { registerModulusM3: wraps } : {}),
      },
      model: { kind: 'volume-meter', metered, medium, modulus: wraps },
    };
  });
}

export function waterMeters(): PlannedDevice[] {
  return volumeMeters('water', waterPlans());
}

export function gasMeters(): PlannedDevice[] {
  return volumeMeters('gas', gasPlans());
}
