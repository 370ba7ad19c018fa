import type { Clock } from '#infra/clock.ts';
import { coalesce } from '#infra/coalesce.ts';
import { appendAudit } from '#infra/journal.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { attachmentLimits } from '#schemas/api/attachments.ts';
import type { AttachmentFiles } from './files.ts';
import { deleteUnnamed, knownAttachments, lockAttachments, lockUnnamed } from './store.ts';

export interface CleanupDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly files: AttachmentFiles;
}

const runEveryMs = 3_600_000;
const dayMs = 86_400_000;
/** Files of one run; the next goes on. */
const filesAtOnce = 200;
/** Folders of files, by the first two digits of the hash. */
const folders = 256;

/** Removes files that nobody names, once an hour. */
export function startCleanup(deps: CleanupDeps): AsyncDisposable & { run(): Promise<void> } {
  let hour = 0;
  const run = coalesce(async () => {
    try {
      await removeUnnamed(deps);
      await removeStrays(deps, (hour++ % folders).toString(16).padStart(2, '0'));
    } catch (error) {
      deps.log.warn({ err: error }, 'files that nobody names were not removed');
    }
  });
  const timer = deps.clock.every(runEveryMs, () => void run());
  void run();
  return {
    run,
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await run.settled();
    },
  };
}

const dueBeforeMs = (clock: Clock): number => clock.nowMs() - attachmentLimits.unnamedDays * dayMs;

/**
 * Removes files that no record and no claim has named for some days after their last upload: somebody began a form and left
 * it. Evidence and packs name only documents of records and claims, whose rows stay for ever.
 * @returns how many
 */
export async function removeUnnamed(deps: CleanupDeps): Promise<number> {
  const { db, clock, files } = deps;
  const removed = await transaction(db, async (client) => {
    await lockAttachments(client);
    const due = await lockUnnamed(client, { before: new Date(dueBeforeMs(clock)), limit: filesAtOnce });
    const gone = due.length === 0 ? [] : await deleteUnnamed(client, due);
    for (const { sha256, name, bytes } of gone) {
      const reason = `named by nothing for ${attachmentLimits.unnamedDays} days`;
      const before = { name, bytes };
      await appendAudit(client, {
        actor: 'system',
        action: 'attachment.remove',
        object: sha256,
        reason,
        before,
      });
    }
    return gone.map(({ sha256 }) => sha256);
  });
  // The row is gone for sure before the bytes are.
  await removeBytes({ db, files }, removed);
  return removed.length;
}

/** Bytes without a row, which a stop in the wrong moment left behind. @param prefix of their hashes, two digits */
async function removeStrays({ db, clock, files }: CleanupDeps, prefix: string): Promise<void> {
  const old = (await files.list(prefix)).filter(({ writtenMs }) => writtenMs < dueBeforeMs(clock));
  for (let at = 0; at < old.length; at += filesAtOnce) {
    await removeBytes(
      { db, files },
      old.slice(at, at + filesAtOnce).map(({ sha256 }) => sha256),
    );
  }
}

/** Under the lock of those who upload: the same content may have come again meanwhile. */
async function removeBytes(
  { db, files }: Pick<CleanupDeps, 'db' | 'files'>,
  hashes: readonly string[],
): Promise<void> {
  if (hashes.length === 0) return;
  await transaction(db, async (client) => {
    await lockAttachments(client);
    const known = await knownAttachments(client, hashes);
    for (const sha256 of hashes) if (!known.has(sha256)) await files.remove(sha256);
  });
}
