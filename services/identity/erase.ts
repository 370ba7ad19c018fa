import type { Queryable } from '#infra/postgres.ts';
import { maskPersonalData } from '#schemas/personal.ts';
import { listEvents, readErasedTo, replaceData, writeErasedTo, type NamingEvent } from './store.ts';

const batch = 500;
const dayMs = 86_400_000;

/**
 * Masks whom events older than `keepDays` name. Only the span since the last time is looked at; what arrives later and is
 * that old is masked before it is stored. Repeating it, in several processes too, changes nothing.
 */
export async function eraseIdentities(
  db: Queryable,
  { keepDays, nowMs }: { readonly keepDays: number; readonly nowMs: number },
): Promise<void> {
  const from = await readErasedTo(db);
  const to = new Date(nowMs - keepDays * dayMs);
  if (from !== null && from >= to) return;
  let after: NamingEvent | null = null;
  for (;;) {
    const events: NamingEvent[] = await listEvents(db, { from, to, after, limit: batch });
    const named = events.flatMap(({ id, data }) => {
      const erased = maskPersonalData(data);
      return JSON.stringify(erased) === JSON.stringify(data) ? [] : [{ id, data: erased }];
    });
    if (named.length > 0) await replaceData(db, named);
    if (events.length < batch) break;
    after = events.at(-1) ?? null;
  }
  await writeErasedTo(db, to);
}
