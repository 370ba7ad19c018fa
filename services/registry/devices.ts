import type { z } from 'zod';
import { appendAudit, appendJournalRows } from '#infra/journal.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { deviceCreateBody, devicePatchBody } from '#schemas/api/registry.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { parentAttributes, parentsOf, parentTrees } from '#schemas/device-parents.ts';
import { ParkError, type FieldError } from '#schemas/errors.ts';
import type { Role } from '#schemas/roles.ts';
import { ensurePoints, notifyRegistry } from './directory-store.ts';
import { withoutUndefined, type Editor } from './spaces.ts';
import {
  closeDevice,
  lockRegistry,
  readAbove,
  readDevices,
  readSpaces,
  writeDevices,
  type DeviceFacts,
} from './store.ts';
import { findCycle } from './tree.ts';

/**
 * Adds a device with a point for every metric of its class, inside the caller's transaction.
 * @throws ParkError `already-exists`; `invalid-request` when class or space are unknown, or it would stand above itself
 */
export function createDevice(
  client: Queryable,
  editor: Editor,
  body: z.output<typeof deviceCreateBody>,
): Promise<void> {
  return createDevices(client, editor, [body]);
}

/** The same of many, all of them or none. */
export async function createDevices(
  client: Queryable,
  editor: Editor,
  bodies: readonly z.output<typeof deviceCreateBody>[],
): Promise<void> {
  const ids = bodies.map(({ id }) => id);
  await lockRegistry(client);
  const [existing] = await readDevices(client, ids);
  if (existing !== undefined)
    throw new ParkError('already-exists', `The device ${existing.id} exists already.`);
  await refuseUnknown(client, bodies);
  await refuseCircles(client, bodies);
  await writeDevices(client, bodies);
  await ensurePoints(client, ids);
  const entry = { ...editor, action: 'device.create' };
  await appendJournalRows(
    client,
    'audit',
    bodies.map((body) => ({ ...entry, object: body.id, after: body })),
  );
  await notifyRegistry(client);
}

/**
 * Changes a device from now on; its points keep their numbers and their history.
 * @throws ParkError `not-found`; `forbidden` when somebody else than an administrator changes the provenance;
 *   `invalid-request` when class or space are unknown, or it would stand above itself
 */
export async function changeDevice(
  client: Queryable,
  editor: Editor & { readonly role: Role },
  change: { id: string; patch: z.output<typeof devicePatchBody> },
): Promise<void> {
  const { role, ...who } = editor;
  const { reason, ...patch } = change.patch;
  await lockRegistry(client);
  const [found] = await readDevices(client, [change.id]);
  if (found === undefined) throw new ParkError('not-found', `There is no device ${change.id}.`);
  const { validFrom: _, ...before } = found;
  const after: DeviceFacts = { ...before, ...withoutUndefined(patch) };
  if (after.provenance !== before.provenance && role !== 'admin') {
    throw new ParkError('forbidden', 'Where values come from is changed by an administrator only.');
  }
  await refuseUnknown(client, [after]);
  // A circle of before this was refused does not keep its devices from other changes.
  if (patch.attributes !== undefined) await refuseCircles(client, [after]);
  await writeDevices(client, [after]);
  await ensurePoints(client, [after.id]);
  const action = after.provenance === before.provenance ? 'device.update' : 'device.change-provenance';
  await appendAudit(client, {
    ...who,
    action,
    object: after.id,
    before,
    after,
    ...(reason === undefined ? {} : { reason }),
  });
  await notifyRegistry(client);
}

/**
 * Ends a device from now on. Its readings stay; what it sends from now on is a discovery.
 * @throws ParkError `not-found`
 */
export async function removeDevice(client: Queryable, editor: Editor, id: string): Promise<void> {
  await lockRegistry(client);
  if (!(await closeDevice(client, id))) throw new ParkError('not-found', `There is no device ${id}.`);
  await appendAudit(client, { ...editor, action: 'device.delete', object: id });
  await notifyRegistry(client);
}

async function refuseUnknown(client: Queryable, devices: readonly DeviceFacts[]): Promise<void> {
  const asked = [...new Set(devices.flatMap(({ spaceId }) => spaceId ?? []))];
  const spaces = new Set((await readSpaces(client, asked)).map(({ id }) => id));
  const errors = devices.flatMap((device, index) => {
    const place = devices.length === 1 ? '' : `/items/${index}`;
    const faults = [];
    if (!deviceClasses.has(device.class)) {
      faults.push({ path: `${place}/class`, message: `there is no device class ${device.class}` });
    }
    if (device.spaceId !== null && !spaces.has(device.spaceId)) {
      faults.push({ path: `${place}/spaceId`, message: `there is no space ${device.spaceId}` });
    }
    return faults;
  });
  refuse(errors);
}

/** Devices that stand above one another in a circle explain and measure nothing. */
async function refuseCircles(client: Queryable, devices: readonly DeviceFacts[]): Promise<void> {
  const fresh = new Map(devices.map(({ id, attributes }) => [id, attributes]));
  const named = devices.flatMap(({ attributes }) =>
    parentTrees.flatMap((tree) => parentsOf(attributes, tree)),
  );
  if (named.length === 0) return;
  const standing = await readAbove(client, [...new Set(named)]);
  const errors = parentTrees.flatMap((tree) =>
    devices.flatMap(({ id, attributes }, index) => {
      const above = (at: string) => parentsOf(fresh.get(at) ?? standing.get(at) ?? {}, tree);
      const circle = findCycle(above, id);
      if (circle === null) return [];
      const field = parentAttributes[tree].find((name) => attributes[name] === circle[1]) ?? '';
      const place = devices.length === 1 ? '' : `/items/${index}`;
      const message = `makes a circle: ${circle.join(' > ')}`;
      return [{ path: `${place}/attributes/${field}`, message }];
    }),
  );
  refuse(errors);
}

/** @throws ParkError `invalid-request` that tells all of them */
function refuse(errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const detail = errors.map((error) => `${error.path}: ${error.message}`).join('; ');
  throw new ParkError('invalid-request', detail, errors);
}
