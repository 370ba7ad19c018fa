import { doorModel } from './model-door.ts';
import { elevatorGroups } from './model-elevator.ts';
import { environmentGroups } from './model-environment.ts';
import { energyMeterGroups, volumeMeterGroups } from './model-meters.ts';
import {
  boxGroups,
  chargerGroups,
  equipmentGroups,
  firePanelGroups,
  luminaireGroups,
} from './model-small.ts';
import { systemGroups, systemHappenings } from './model-system.ts';
import { cameraGroups, recorderGroups } from './model-video.ts';
import type { PlannedDevice } from './plan.ts';
import type { ReadingGroup, Sampler, World } from './world.ts';

/** How a planned device measures: pure functions of time. */
export function createSampler(device: PlannedDevice, world: World): Sampler {
  if (device.model.kind === 'door') return { device, ...doorModel(device.id, device.model, world) };
  const happenings = systemHappenings(device.id, device.events ?? [], world);
  return { device, groups: groupsOf(device, world), happenings };
}

function groupsOf({ id, model }: PlannedDevice, world: World): readonly ReadingGroup[] {
  switch (model.kind) {
    case 'energy-meter':
      return energyMeterGroups(id, model, world);
    case 'volume-meter':
      return volumeMeterGroups(id, model, world);
    case 'camera':
      return cameraGroups(id, model, world);
    case 'recorder':
      return recorderGroups(id, model, world);
    case 'elevator':
      return elevatorGroups(id, model, world);
    case 'environment':
      return environmentGroups(id, model, world);
    case 'door':
      return doorModel(id, model, world).groups;
    case 'luminaire':
      return luminaireGroups(id, model.ratedKw, world);
    case 'charger':
      return chargerGroups(id, model.ratedKw, world);
    case 'fire-panel':
      return firePanelGroups(id, world);
    case 'system':
      return systemGroups(model);
    case 'equipment':
      return equipmentGroups(id, model, world);
    default:
      return boxGroups(id, world);
  }
}

/**
 * The times at which a group is due within (after, until]: multiples of its interval, shifted by the device's own
 * phase so that a park does not speak in chorus, while the groups of one device still meet in one packet.
 */
export function dueTimes(
  key: number,
  everyMs: number,
  within: { readonly afterMs: number; readonly untilMs: number },
): number[] {
  const phase = key % everyMs;
  const times: number[] = [];
  const first = (Math.floor((within.afterMs - phase) / everyMs) + 1) * everyMs + phase;
  for (let timeMs = first; timeMs <= within.untilMs; timeMs += everyMs) times.push(timeMs);
  return times;
}
