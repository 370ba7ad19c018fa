import canonicalize from 'canonicalize';
import type { Queryable } from './postgres.ts';

export const journals = ['evidence', 'audit', 'alarms', 'days'] as const;
export type JournalName = (typeof journals)[number];

/**
 * Appends to a sealed journal, inside the caller's transaction: it stands exactly when what it tells of stands.
 * @returns the row's id, unique within the journal
 */
export async function appendJournal(client: Queryable, journal: JournalName, body: object): Promise<number> {
  const text = canonicalize(body);
  if (text === undefined) throw new Error(`A ${journal} journal body cannot be written as JSON`);
  const { rows } = await client.query<{ id: number }>(
    'insert into journal (journal, body) values ($1, $2) returning id',
    [journal, text],
  );
  return rows[0]?.id ?? 0;
}

/** Appends many at once, in this order; otherwise like {@link appendJournal}. */
export async function appendJournalRows(
  client: Queryable,
  journal: JournalName,
  bodies: readonly object[],
): Promise<void> {
  if (bodies.length === 0) return;
  const texts = bodies.map((body) => canonicalize(body));
  if (texts.includes(undefined)) throw new Error(`A ${journal} journal body cannot be written as JSON`);
  await client.query(
    `insert into journal (journal, body)
     select $1, body from unnest($2::text[]) with ordinality as n (body, place) order by place`,
    [journal, texts],
  );
}

/** Who did what to what; `actor` is a user name, `token:{name}`, or `system`. */
export interface AuditEntry {
  readonly actor: string;
  /** `{object}.{verb}`, e.g. `user.disable`, `device.update`. */
  readonly action: string;
  readonly object: string;
  readonly reason?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly address?: string;
}

export function appendAudit(client: Queryable, entry: AuditEntry): Promise<number> {
  return appendJournal(client, 'audit', entry);
}
