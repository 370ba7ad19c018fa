import type { Queryable } from '#infra/postgres.ts';
import type { RecordKind } from '#schemas/registers/kind.ts';
import type { Piece } from './amend.ts';
import { knownAttachments } from '#services/attachments/store.ts';
import { knownRecords, knownSpaces } from './store.ts';

export interface MissingReference {
  /** Place in the list that was asked about. */
  readonly index: number;
  readonly path: string;
  readonly message: string;
}

interface Named {
  readonly index: number;
  readonly path: string;
  readonly code: string;
  /** Kind of the record; null for a space. */
  readonly of: string | null;
}

/** What rows of a kind refer to and is not there: records, spaces, attachments. */
export async function missingReferences(
  client: Queryable,
  kind: RecordKind,
  pieces: readonly Piece[],
): Promise<MissingReference[]> {
  const named = pieces.flatMap(({ fields }, index) =>
    Object.entries(kind.fields).flatMap(([field, definition]): Named[] => {
      const value = fields[field];
      if (typeof value !== 'string') return [];
      const at = { index, path: `/fields/${field}`, code: value };
      if (definition.type === 'record') return [{ ...at, of: definition.kind }];
      return definition.type === 'space' ? [{ ...at, of: null }] : [];
    }),
  );
  const records = named.flatMap(({ of, code }) => (of === null ? [] : [{ kind: of, code }]));
  const spaces = named.flatMap(({ of, code }) => (of === null ? [code] : []));
  const files = pieces.flatMap(({ documents }) => documents.map(({ sha256 }) => sha256));
  const [knownKeys, knownIds, knownFiles] = [
    records.length === 0 ? new Set<string>() : await knownRecords(client, records),
    spaces.length === 0 ? new Set<string>() : await knownSpaces(client, spaces),
    files.length === 0 ? new Set<string>() : await knownAttachments(client, files),
  ];
  const missing: MissingReference[] = named.flatMap(({ index, path, code, of }) => {
    if (of === null) {
      return knownIds.has(code) ? [] : [{ index, path, message: `there is no space ${code}` }];
    }
    return knownKeys.has(`${of}/${code}`) ? [] : [{ index, path, message: `${of} has no record ${code}` }];
  });
  const unknownFiles = pieces.flatMap(({ documents }, index) =>
    documents.flatMap(({ sha256 }, place) =>
      knownFiles.has(sha256)
        ? []
        : [{ index, path: `/documents/${place}/sha256`, message: 'no such file was uploaded' }],
    ),
  );
  return [...missing, ...unknownFiles];
}
