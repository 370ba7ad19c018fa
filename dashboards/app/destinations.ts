import type { Role } from '#schemas/roles.ts';
import { everyone } from '#schemas/roles.ts';

/** Boards that have a place of their own in the menu, with their classes. */
export const boardGroups = {
  energy: ['energy-meter', 'pv-inverter', 'battery', 'heat-meter'],
  water: ['water-meter', 'gas-meter'],
  video: ['camera', 'recorder'],
  elevators: ['elevator'],
  environment: ['environment-station'],
  access: ['access-door', 'perimeter-sensor'],
} as const;
export type BoardGroup = keyof typeof boardGroups;

interface Destination {
  readonly key:
    | 'overview'
    | 'alarms'
    | 'spaces'
    | 'devices'
    | BoardGroup
    | 'history'
    | 'assessment'
    | 'registers'
    | 'gateways'
    | 'system';
  readonly path: string;
  /** The letter after `g`. */
  readonly letter: string;
  readonly roles: readonly Role[];
}

/** The menu, by task; only what stands is listed. */
export const destinations: readonly Destination[] = [
  { key: 'overview', path: '/', letter: 'o', roles: everyone },
  { key: 'alarms', path: '/alarms', letter: 'a', roles: everyone },
  { key: 'spaces', path: '/spaces', letter: 's', roles: everyone },
  { key: 'devices', path: '/devices', letter: 'd', roles: everyone },
  { key: 'energy', path: '/boards/energy-meter', letter: 'n', roles: everyone },
  { key: 'water', path: '/boards/water-meter', letter: 't', roles: everyone },
  { key: 'video', path: '/boards/camera', letter: 'v', roles: everyone },
  { key: 'elevators', path: '/boards/elevator', letter: 'l', roles: everyone },
  { key: 'environment', path: '/boards/environment-station', letter: 'i', roles: everyone },
  { key: 'access', path: '/boards/access-door', letter: 'c', roles: everyone },
  { key: 'history', path: '/history', letter: 'h', roles: everyone },
  { key: 'assessment', path: '/assessment', letter: 'e', roles: everyone },
  { key: 'registers', path: '/registers', letter: 'r', roles: everyone },
  { key: 'gateways', path: '/gateways', letter: 'w', roles: everyone },
  { key: 'system', path: '/system', letter: 'y', roles: everyone },
];
