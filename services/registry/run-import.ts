import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import type { ImportAnswer } from '#schemas/api/registry.ts';
import { ParkError } from '#schemas/errors.ts';
import type { Role } from '#schemas/roles.ts';
import { ensurePoints, notifyRegistry } from './directory-store.ts';
import {
  listChanges,
  planImport,
  pointId,
  undoOf,
  type ImportPlan,
  type PlannedRows,
} from './import-plan.ts';
import type { ImportFile } from './import-file.ts';
import type { ImportError } from './import.ts';
import { readImportAside } from './read-aside.ts';
import type { Editor } from './spaces.ts';
import {
  lockRegistry,
  readDeviceOutlines,
  readDevices,
  readPoints,
  readSpaces,
  writeDevices,
  writePoints,
  writeSpaces,
} from './store.ts';

/** Ids that the audit names; of more it keeps the count. */
const auditedIds = 1_000;

export interface ImportOptions {
  readonly file: ImportFile;
  readonly dryRun: boolean;
  /** `admin` may change where values come from. */
  readonly role: Role;
  readonly editor: Editor;
}

/**
 * Imports a park, wholly or not at all, in one transaction; the file is judged against the park as it is then.
 * @throws ParkError `invalid-import` with every fault's line and column; `forbidden`
 */
export async function runImport(
  deps: { db: Database; clock: Clock },
  options: ImportOptions,
): Promise<ImportAnswer> {
  return transaction(deps.db, async (client) => {
    await lockRegistry(client);
    const spaces = await readSpaces(client);
    const known = {
      spaceParents: new Map(spaces.map((space) => [space.id, space.parentId])),
      devices: await readDeviceOutlines(client),
      nowMs: deps.clock.nowMs(),
    };
    const reading = await readImportAside(options.file, known, deps.clock);
    if (!reading.ok) throw invalidImport(reading.errors, reading.count);
    const devices = await readDevices(
      client,
      reading.content.devices.map((device) => device.value.id),
    );
    const points = await readPoints(
      client,
      reading.content.points.map((point) => point.value),
    );
    const plan = planImport(reading.content, { spaces, devices, points });
    if (plan.provenanceChanges.length > 0 && options.role !== 'admin') {
      const [first] = plan.provenanceChanges;
      throw new ParkError(
        'forbidden',
        `Only an administrator changes where values come from (${first?.id}).`,
      );
    }
    if (!options.dryRun) await carryOut(client, plan, options.editor);
    return toAnswer(plan, options.dryRun);
  });
}

function invalidImport(errors: readonly ImportError[], count: number): ParkError {
  const more = count > errors.length ? `; ${errors.length} of them are listed` : '';
  return new ParkError(
    'invalid-import',
    `The file has ${count} errors${more}; nothing was imported.`,
    errors,
  );
}

async function carryOut(client: Queryable, plan: ImportPlan, editor: Editor): Promise<void> {
  const rowsOf = <T>({ created, changed }: PlannedRows<T>) => [
    ...created,
    ...changed.map(({ after }) => after),
  ];
  const [spaces, devices, points] = [rowsOf(plan.spaces), rowsOf(plan.devices), rowsOf(plan.points)];
  if (spaces.length + devices.length + points.length === 0) return;
  await writeSpaces(client, spaces);
  await writeDevices(client, devices);
  await ensurePoints(
    client,
    devices.map((device) => device.id),
  );
  await writePoints(client, points);
  for (const { id, before, after } of plan.provenanceChanges) {
    await appendAudit(client, { ...editor, action: 'device.change-provenance', object: id, before, after });
  }
  await appendAudit(client, {
    ...editor,
    action: 'registry.import',
    object: 'registry',
    after: {
      ...countsOf(plan),
      spaceIds: spaces.slice(0, auditedIds).map((space) => space.id),
      deviceIds: devices.slice(0, auditedIds).map((device) => device.id),
      pointIds: points.slice(0, auditedIds).map(pointId),
    },
  });
  await notifyRegistry(client);
}

/** Entries that an answer lists; of more it keeps the count. */
const listedChanges = 1_000;

function countsOf({
  spaces,
  devices,
  points,
}: ImportPlan): Pick<ImportAnswer, 'created' | 'changed' | 'unchanged'> {
  return {
    created: {
      spaces: spaces.created.length,
      devices: devices.created.length,
      points: points.created.length,
    },
    changed: {
      spaces: spaces.changed.length,
      devices: devices.changed.length,
      points: points.changed.length,
    },
    unchanged: { spaces: spaces.unchanged, devices: devices.unchanged, points: points.unchanged },
  };
}

function toAnswer(plan: ImportPlan, dryRun: boolean): ImportAnswer {
  return { dryRun, ...countsOf(plan), changes: listChanges(plan, listedChanges), undo: undoOf(plan) };
}
