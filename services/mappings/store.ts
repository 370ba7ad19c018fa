import type { Queryable } from '#infra/postgres.ts';
import type { MappingVersion, SavedMapping } from '#schemas/api/mappings.ts';

/** Every process with mappings listens here; a writer notifies in the transaction of its change. */
export const mappingChannel = 'parkwatch_mapping';

type Row = Omit<SavedMapping, 'savedAt'> & { readonly savedAt: Date };

const columns = `version, mapping, note, saved_at as "savedAt", saved_by as "savedBy"`;

function toSaved(row: Row): SavedMapping {
  return { ...row, savedAt: row.savedAt.toISOString() };
}

/** The version in force; undefined before the first. */
export async function readNewest(db: Queryable): Promise<SavedMapping | undefined> {
  const { rows } = await db.query<Row>(
    `select ${columns} from mapping_version order by version desc limit 1`,
  );
  return rows.map(toSaved)[0];
}

export async function readVersion(db: Queryable, version: number): Promise<SavedMapping | undefined> {
  const { rows } = await db.query<Row>(`select ${columns} from mapping_version where version = $1`, [
    version,
  ]);
  return rows.map(toSaved)[0];
}

/** Newest first, without their texts. */
export async function listVersions(db: Queryable, limit: number): Promise<MappingVersion[]> {
  const { rows } = await db.query<Omit<MappingVersion, 'savedAt'> & { savedAt: Date }>(
    `select version, note, saved_at as "savedAt", saved_by as "savedBy"
     from mapping_version order by version desc limit $1`,
    [limit],
  );
  return rows.map((row) => ({ ...row, savedAt: row.savedAt.toISOString() }));
}

/** Writers take turns, so that versions follow each other. @returns the newest number, 0 before the first */
export async function lockVersions(client: Queryable): Promise<number> {
  await client.query('lock table mapping_version in share row exclusive mode');
  const { rows } = await client.query<{ newest: number }>(
    'select coalesce(max(version), 0) as newest from mapping_version',
  );
  return rows[0]?.newest ?? 0;
}

export async function insertVersion(
  client: Queryable,
  saved: { version: number; mapping: string; note: string; now: Date; actor: string },
): Promise<void> {
  await client.query(
    'insert into mapping_version (version, mapping, note, saved_at, saved_by) values ($1, $2, $3, $4, $5)',
    [saved.version, saved.mapping, saved.note, saved.now, saved.actor],
  );
  await client.query('select pg_notify($1, $2)', [mappingChannel, String(saved.version)]);
}
