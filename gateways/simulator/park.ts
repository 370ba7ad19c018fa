import { askedCameras } from './asked-cameras.ts';
import {
  accessDoors,
  cameras,
  elevators,
  environmentStations,
  gatewayBoxes,
  plantEquipment,
  recorders,
  smallThings,
} from './park-others.ts';
import { copyPark } from './copies.ts';
import { otherSystems } from './park-systems.ts';
import { energyMeters, gasMeters, waterMeters } from './park-meters.ts';
import { buildings, buildingSpace, floorsOf, floorSpace } from './plan.ts';
import type { ParkDocument, ParkPlan, SpaceEntry } from './plan.ts';
import { mix, textKey, unit } from './random.ts';

/** The seed of the demo. */
export const defaultSeed = 20_260;

/**
 * The whole simulated park: what there is and how it behaves. The same seed gives the same park.
 * @param copies so many times over, for a larger one
 */
export function planPark(seed: number, copies = 1): ParkPlan {
  return copyPark(planOne(seed), copies);
}

function planOne(seed: number): ParkPlan {
  const videos = cameras(mix(textKey('cameras'), seed));
  return {
    seed,
    spaces: parkSpaces(),
    devices: [
      ...gatewayBoxes(),
      ...energyMeters(),
      ...waterMeters(),
      ...gasMeters(),
      ...videos,
      ...recorders(videos.length),
      ...elevators(),
      ...environmentStations(),
      ...accessDoors(),
      ...smallThings(),
      ...plantEquipment(),
      ...otherSystems(),
    ],
  };
}

/**
 * The import document of the simulated park: spaces and devices, provenance `simulated`.
 * @param options.commissionedAt RFC 3339; from then on the park is valid
 */
export function simulatedPark(options: {
  readonly seed: number;
  readonly commissionedAt: string;
  readonly copies?: number;
}): ParkDocument {
  const { spaces, devices } = planPark(options.seed, options.copies);
  const validFrom = options.commissionedAt;
  return {
    spaces: spaces.map((space) => ({ ...space, validFrom })),
    devices: [
      ...devices.map(({ id, name, class: deviceClass, spaceId, attributes }) => ({
        id,
        name,
        class: deviceClass,
        spaceId,
        provenance: 'simulated' as const,
        attributes: { ...attributes, ...dueDates(id, deviceClass, options) },
        validFrom,
      })),
      // Nobody remembers how they were before somebody asked: they begin now.
      ...askedCameras(),
    ],
  };
}

const dayMs = 86_400_000;

/** Lifts are inspected once a year; one in a while is late. */
function dueDates(
  id: string,
  deviceClass: string,
  { seed, commissionedAt }: { readonly seed: number; readonly commissionedAt: string },
): Record<string, string> {
  if (deviceClass !== 'elevator') return {};
  const key = mix(textKey(id), seed);
  const after = (days: number) =>
    new Date(Date.parse(commissionedAt) + days * dayMs).toISOString().slice(0, 'YYYY-MM-DD'.length);
  return {
    inspectionDue: after(20 + Math.floor(340 * unit(key, 7))),
    maintenanceDue: after(11 + Math.floor(14 * unit(key, 8))),
  };
}

function parkSpaces(): SpaceEntry[] {
  const space = (id: string, name: string, rest: Omit<SpaceEntry, 'id' | 'name'>): SpaceEntry => ({
    id,
    name,
    ...rest,
  });
  const outdoors = (id: string, name: string, rest: Pick<SpaceEntry, 'role' | 'tags'> = {}): SpaceEntry =>
    space(id, name, { parentId: 'park', kind: 'outdoor', ...rest });
  const room = (id: string, name: string, role: string): SpaceEntry =>
    space(id, name, { parentId: floorSpace('p', 1), kind: 'room', role, tags: ['key-location'] });
  return [
    space('park', '锦云智慧产业园', { kind: 'park', areaM2: 86_000 }),
    ...buildings.flatMap((building) => [
      space(buildingSpace(building.code), building.name, {
        parentId: 'park',
        kind: 'building',
        ...(['a', 'b', 'c'].includes(building.code) ? { tags: ['key-building' as const] } : {}),
        areaM2: building.areaM2,
      }),
      ...floorsOf(building).map((floor) =>
        space(floorSpace(building.code, floor), `${building.name}${floor}层`, {
          parentId: buildingSpace(building.code),
          kind: 'floor',
          areaM2: Math.round(building.areaM2 / building.floors),
        }),
      ),
    ]),
    ...['a', 'b', 'c', 'd', 'e'].map((code) =>
      space(`lobby-${code}`, `${code.toUpperCase()}座大堂`, {
        parentId: floorSpace(code, 1),
        kind: 'zone',
        role: 'lobby',
        tags: ['key-location', 'display-location', 'crowded-area', 'lobby'],
      }),
    ),
    space('control-room', '监控中心与机房', {
      parentId: floorSpace('a', 1),
      kind: 'room',
      role: 'control-room',
      tags: ['key-location'],
    }),
    room('plant-boiler-room', '锅炉房', 'boiler-room'),
    room('plant-chiller-room', '制冷机房', 'plant-room'),
    room('plant-substation', '变电所', 'substation'),
    outdoors('gate-north', '北门', { role: 'gate', tags: ['key-location', 'display-location'] }),
    outdoors('gate-south', '南门', { role: 'gate', tags: ['key-location', 'display-location'] }),
    outdoors('plaza', '中心广场', { tags: ['display-location', 'crowded-area'] }),
    outdoors('garden', '南园绿地', { tags: ['lpwan-pilot'] }),
    outdoors('parking-east', '东停车场', { role: 'parking', tags: ['parking', 'lpwan-pilot'] }),
    outdoors('boundary-west', '西侧厂界', { role: 'boundary', tags: ['boundary'] }),
    outdoors('outfall', '总排口', { role: 'water-outfall' }),
    space('road-ring', '环园路', {
      parentId: 'park',
      kind: 'road',
      role: 'fire-lane',
      tags: ['key-location', 'main-road'],
    }),
    space('crossing-east', '东路口', {
      parentId: 'park',
      kind: 'road',
      role: 'crossroad',
      tags: ['key-location'],
    }),
  ];
}

/** Which devices each gateway box speaks for, beside itself. */
export function boxChildren(seed: number): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const { id, box } of planPark(seed).devices) {
    if (box === null) continue;
    const list = children.get(box) ?? [];
    if (id !== box) list.push(id);
    children.set(box, list);
  }
  return children;
}
