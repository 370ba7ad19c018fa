/** A document that facts name: kept by its hash, and part of every evidence pack that rests on it. */
export interface DocumentRef {
  readonly sha256: string;
  readonly bytes: number;
}

const sha256Form = /^[0-9a-f]{64}$/;

/**
 * The documents that facts of any measure rest on: whatever stands in a list named `documents` and has a hash and a size.
 * Each once, in order of hash. Imports nothing: the verifier carries it.
 */
export function documentsIn(facts: unknown): DocumentRef[] {
  const found = new Map<string, DocumentRef>();
  visit(facts, found);
  return [...found.values()].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
}

function visit(value: unknown, found: Map<string, DocumentRef>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === 'documents' && Array.isArray(member)) {
      for (const entry of (member as unknown[]).filter(isDocument)) {
        found.set(entry.sha256, { sha256: entry.sha256, bytes: entry.bytes });
      }
    }
    visit(member, found);
  }
}

function isDocument(value: unknown): value is DocumentRef {
  const given = value as Partial<DocumentRef> | null;
  return (
    typeof given?.sha256 === 'string' && sha256Form.test(given.sha256) && Number.isSafeInteger(given.bytes)
  );
}
