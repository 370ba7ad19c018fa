import { Readable } from 'node:stream';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import { claimBody } from '#schemas/api/claims.ts';
import type { DocumentRef } from '#schemas/api/registers.ts';
import { ParkError } from '#schemas/errors.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { AttachmentFiles } from '#services/attachments/files.ts';
import { keepUpload } from '#services/attachments/keep.ts';
import { decide, makeClaim } from '#services/claims/claims.ts';
import { createRecord, kindOf } from '#services/registers/registers.ts';
import { demoClaims, type DemoClaim } from './claims.ts';
import { demoFile, demoFileIds, type DemoFileId } from './files.ts';
import { demoPeople, type DemoPerson } from './people.ts';
import { demoRecords } from './records.ts';
import { hasOthers, wasClaimed, wasWritten } from './store.ts';

export interface DemoDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeZone: string;
  readonly files: AttachmentFiles;
  /** Stops between two records. */
  readonly signal: AbortSignal;
}

/**
 * Gives the simulated park records, documents and claims, written as people would write them: through the same checks,
 * by an author whose claims somebody else decides, each marked `simulated`. What was written once is never written again,
 * not even when somebody took it away; a park in which anybody else keeps registers gets nothing.
 * @returns how many records and claims were written
 */
export async function seedDemo(deps: DemoDeps): Promise<{ records: number; claims: number }> {
  const { db, clock } = deps;
  const today = localCalendar(deps.timeZone).dayOf(clock.nowMs());
  const claims = demoClaims(today);
  const last = claims.at(-1);
  // The last one is written last: with it everything stands.
  if (last !== undefined && (await wasClaimed(db, last.rubric, last.item))) return { records: 0, claims: 0 };
  if (await hasOthers(db)) return { records: 0, claims: 0 };
  const people = await demoPeople({ db, clock });
  const documents = await keepFiles(deps, people.author);
  const written = { records: 0, claims: 0 };
  for (const record of demoRecords(today)) {
    deps.signal.throwIfAborted();
    if (await wasWritten(db, record.kind, record.code)) continue;
    const { actor } = people.author;
    await tolerant(deps, `${record.kind} ${record.code}`, () =>
      createRecord({ db, clock }, kindOf(record.kind), {
        ...record,
        documents: named(documents, record.documents),
        editor: { actor },
        provenance: 'simulated',
      }),
    );
    written.records++;
  }
  for (const claim of claims) {
    deps.signal.throwIfAborted();
    if (await wasClaimed(db, claim.rubric, claim.item)) continue;
    await tolerant(deps, claim.item, () => writeClaim(deps, claim, { people, documents }));
    written.claims++;
  }
  return written;
}

type Documents = ReadonlyMap<DemoFileId, DocumentRef>;

async function keepFiles(deps: DemoDeps, { actor, address }: DemoPerson): Promise<Documents> {
  const kept = new Map<DemoFileId, DocumentRef>();
  for (const id of demoFileIds) {
    deps.signal.throwIfAborted();
    const { name, bytes } = await demoFile(id);
    const stream = Readable.from([Buffer.from(bytes)]);
    const { sha256 } = await keepUpload(deps, { stream, name, actor, address });
    kept.set(id, { sha256, name });
  }
  return kept;
}

const named = (documents: Documents, ids: readonly DemoFileId[]): DocumentRef[] =>
  ids.flatMap((id) => documents.get(id) ?? []);

async function writeClaim(
  { db, clock }: DemoDeps,
  { decision, documents: ids, ...claim }: DemoClaim,
  {
    people: { author, approver },
    documents,
  }: { readonly people: Awaited<ReturnType<typeof demoPeople>>; readonly documents: Documents },
): Promise<void> {
  const body = claimBody.parse({ ...claim, documents: named(documents, ids) });
  const id = await makeClaim({ db, clock }, body, { ...author, provenance: 'simulated' });
  if (decision !== null) await decide({ db, clock }, { id, ...decision }, approver);
}

/** What does not fit this park any more (a space was renamed) is left out; the rest still shows what it should. */
async function tolerant(deps: DemoDeps, what: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof ParkError)) throw error;
    deps.log.warn({ what, reason: error.message }, 'left out of the demo');
  }
}
