import type { z } from 'zod';
import type { importDocumentSchema } from '#schemas/api/registry.ts';
import type { Load } from './curves.ts';

/** The import document of a park, as POST /imports takes it. */
export type ParkDocument = z.input<typeof importDocumentSchema>;
export type SpaceEntry = NonNullable<ParkDocument['spaces']>[number];
export type DeviceEntry = NonNullable<ParkDocument['devices']>[number];

/** What a metered quantity is made of: a load of its own, or the meters behind it and the losses on the way. */
export type Metered =
  | { readonly load: Omit<Load, 'key'> }
  | { readonly sumOf: readonly string[]; readonly lossFactor: number };

/** How a planned device behaves; the classes of `sampler.ts` read it. */
export type Model =
  | {
      readonly kind: 'energy-meter';
      readonly metered: Metered;
      readonly polyphase: boolean;
      readonly modulus: number;
    }
  | {
      readonly kind: 'volume-meter';
      readonly metered: Metered;
      readonly medium: 'water' | 'gas';
      readonly modulus: number;
    }
  | { readonly kind: 'camera'; readonly retentionDays: number; readonly wide: boolean }
  | { readonly kind: 'recorder'; readonly channels: number }
  | {
      readonly kind: 'elevator';
      readonly lowest: number;
      readonly highest: number;
      readonly tripsPerHour: number;
    }
  | {
      readonly kind: 'environment';
      readonly measures: readonly EnvironmentGroup[];
      readonly noiseBase: number;
    }
  | { readonly kind: 'door'; readonly passagesPerHour: number }
  | { readonly kind: 'luminaire'; readonly ratedKw: number }
  | { readonly kind: 'charger'; readonly ratedKw: number }
  | { readonly kind: 'fire-panel' }
  | { readonly kind: 'equipment'; readonly equipment: Equipment; readonly ratedKw: number }
  | {
      readonly kind: 'system';
      readonly values: Readonly<Record<string, number | boolean | string>>;
    }
  | { readonly kind: 'box' };

export type EnvironmentGroup = 'air' | 'weather' | 'noise' | 'indoor' | 'water-quality';
export type Equipment = 'chiller' | 'boiler' | 'pump';

export interface PlannedDevice {
  readonly id: string;
  readonly name: string;
  readonly class: string;
  readonly spaceId: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** The gateway box that speaks for it over MQTT; null: read over OPC UA. */
  readonly box: string | null;
  readonly model: Model;
  /** What it reports of its use beside its model: types of events, and how many a day. */
  readonly events?: readonly (readonly [type: string, perDay: number])[];
}

export interface ParkPlan {
  readonly seed: number;
  readonly spaces: readonly SpaceEntry[];
  readonly devices: readonly PlannedDevice[];
}

/** A building as the plan's files see it. */
export interface Building {
  /** One lower-case letter, part of every id in it. */
  readonly code: string;
  /** "A座" */
  readonly name: string;
  readonly floors: number;
  readonly areaM2: number;
}

export const buildings: readonly Building[] = [
  { code: 'a', name: 'A座', floors: 12, areaM2: 21_600 },
  { code: 'b', name: 'B座', floors: 10, areaM2: 16_500 },
  { code: 'c', name: 'C座', floors: 8, areaM2: 12_800 },
  { code: 'd', name: 'D座厂房', floors: 3, areaM2: 9_600 },
  { code: 'e', name: 'E座食堂', floors: 2, areaM2: 4_200 },
  { code: 'p', name: '动力中心', floors: 1, areaM2: 1_100 },
];

/** The three office buildings, floor by floor. */
export const officeCodes = ['a', 'b', 'c'];

export function buildingOf(code: string): Building {
  const building = buildings.find((candidate) => candidate.code === code);
  if (building === undefined) throw new Error(`The simulated park has no building ${code}.`);
  return building;
}

export function floorsOf(building: Building): number[] {
  return Array.from({ length: building.floors }, (_, index) => index + 1);
}

export function buildingSpace(code: string): string {
  return `bld-${code}`;
}

export function floorSpace(code: string, floor: number): string {
  return `bld-${code}-f${two(floor)}`;
}

/** The gateway box of a building, of the outdoor devices (`out`), or of the video system (`cctv`). */
export function boxId(code: string): string {
  return `gw-${code}`;
}

export function two(n: number): string {
  return String(n).padStart(2, '0');
}
