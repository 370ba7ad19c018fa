import type { ParkPlan, PlannedDevice, SpaceEntry } from './plan.ts';

/**
 * A larger park: the same buildings and devices so many times over, each copy with a number behind its ids and with a
 * randomness of its own. The park itself stays one.
 */
export function copyPark(plan: ParkPlan, copies: number): ParkPlan {
  const numbers = Array.from({ length: copies - 1 }, (_, index) => index + 2);
  const root = plan.spaces.find(({ parentId }) => parentId == null)?.id;
  return {
    ...plan,
    spaces: [
      ...plan.spaces,
      ...numbers.flatMap((n) =>
        plan.spaces.flatMap((space) => (space.id === root ? [] : [copySpace(space, n, root)])),
      ),
    ],
    devices: [
      ...plan.devices,
      ...numbers.flatMap((n) => plan.devices.map((device) => copyDevice(device, n))),
    ],
  };
}

function copySpace(space: SpaceEntry, n: number, root: string | undefined): SpaceEntry {
  const { id, name, parentId } = space;
  const above = parentId == null || parentId === root ? parentId : `${parentId}-${n}`;
  return {
    ...space,
    id: `${id}-${n}`,
    name: `${name}（${n}）`,
    ...(above === undefined ? {} : { parentId: above }),
  };
}

/** Attributes that name another device. */
const references = ['recorderId', 'parentMeterId'];

function copyDevice(device: PlannedDevice, n: number): PlannedDevice {
  const { id, name, spaceId, box, attributes, model } = device;
  const again = (other: string) => `${other}-${n}`;
  return {
    ...device,
    id: again(id),
    name: `${name}（${n}）`,
    spaceId: again(spaceId),
    box: box === null ? null : again(box),
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [
        key,
        references.includes(key) ? again(String(value)) : value,
      ]),
    ),
    model:
      'metered' in model && 'sumOf' in model.metered
        ? { ...model, metered: { ...model.metered, sumOf: model.metered.sumOf.map(again) } }
        : model,
  };
}
