import type { z } from 'zod';
import { appendAudit } from '#infra/journal.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { spaceCreateBody, spacePatchBody } from '#schemas/api/registry.ts';
import { ParkError } from '#schemas/errors.ts';
import { notifyRegistry } from './directory-store.ts';
import {
  closeSpace,
  countInside,
  lockRegistry,
  readSpaces,
  writeSpaces,
  type SpaceFacts,
  type Standing,
} from './store.ts';
import { aboveSpaces, findCycle, type SpaceParent } from './tree.ts';

/** Who changes the registry, for the audit. */
export interface Editor {
  readonly actor: string;
  readonly address?: string;
}

/**
 * Adds a space, inside the caller's transaction.
 * @throws ParkError `already-exists`; `invalid-request` when the parent is unknown
 */
export async function createSpace(
  client: Queryable,
  editor: Editor,
  body: z.output<typeof spaceCreateBody>,
): Promise<Standing<SpaceFacts>> {
  await lockRegistry(client);
  const spaces = await readSpaces(client);
  if (spaces.some((space) => space.id === body.id)) {
    throw new ParkError('already-exists', `The space ${body.id} exists already.`);
  }
  refuseParent(spaces, body.id, body.parentId);
  await writeSpaces(client, [body]);
  await appendAudit(client, { ...editor, action: 'space.create', object: body.id, after: body });
  await notifyRegistry(client);
  return standing(client, body.id);
}

/**
 * Changes a space from now on.
 * @throws ParkError `not-found`; `invalid-request` when the parent is unknown or lies inside the space itself
 */
export async function changeSpace(
  client: Queryable,
  editor: Editor,
  change: { id: string; patch: z.output<typeof spacePatchBody> },
): Promise<Standing<SpaceFacts>> {
  await lockRegistry(client);
  const spaces = await readSpaces(client);
  const found = spaces.find((space) => space.id === change.id);
  if (found === undefined) throw new ParkError('not-found', `There is no space ${change.id}.`);
  const { validFrom: _, ...before } = found;
  const after: SpaceFacts = { ...before, ...withoutUndefined(change.patch) };
  refuseParent(spaces, after.id, after.parentId);
  await writeSpaces(client, [after]);
  await appendAudit(client, { ...editor, action: 'space.update', object: after.id, before, after });
  await notifyRegistry(client);
  return standing(client, after.id);
}

/** @throws ParkError `not-found`; `in-use` while anything stands inside */
export async function removeSpace(client: Queryable, editor: Editor, id: string): Promise<void> {
  await lockRegistry(client);
  const inside = await countInside(client, id);
  if (inside.spaces + inside.devices > 0) {
    throw new ParkError(
      'in-use',
      `The space ${id} holds ${inside.spaces} spaces and ${inside.devices} devices.`,
    );
  }
  if (!(await closeSpace(client, id))) throw new ParkError('not-found', `There is no space ${id}.`);
  await appendAudit(client, { ...editor, action: 'space.delete', object: id });
  await notifyRegistry(client);
}

async function standing(client: Queryable, id: string): Promise<Standing<SpaceFacts>> {
  const [space] = await readSpaces(client, [id]);
  if (space === undefined) throw new Error(`the space ${id} was written and is not there`);
  return space;
}

function refuseParent(spaces: readonly SpaceParent[], id: string, parentId: string | null): void {
  if (parentId === null) return;
  if (!spaces.some((space) => space.id === parentId)) throw parentError(`there is no space ${parentId}`);
  const tree = new Map(spaces.map((space) => [space.id, space.parentId]));
  const cycle = findCycle(aboveSpaces(tree.set(id, parentId)), id);
  if (cycle !== null) throw parentError(`makes a circle: ${cycle.join(' > ')}`);
}

function parentError(message: string): ParkError {
  return new ParkError('invalid-request', `/parentId: ${message}`, [{ path: '/parentId', message }]);
}

/** A patch without the fields that were left out. */
export function withoutUndefined<T extends object>(patch: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
