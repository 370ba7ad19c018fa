import type { Role } from '#schemas/roles.ts';
import { everyone } from '#schemas/roles.ts';

interface Destination {
  readonly key:
    | 'overview'
    | 'alarms'
    | 'spaces'
    | 'devices'
    | 'history'
    | 'assessment'
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
  { key: 'history', path: '/history', letter: 'h', roles: everyone },
  { key: 'assessment', path: '/assessment', letter: 'e', roles: everyone },
  { key: 'gateways', path: '/gateways', letter: 'w', roles: everyone },
  { key: 'system', path: '/system', letter: 'y', roles: everyone },
];
