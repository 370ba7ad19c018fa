/** A row of `reading` with the revision it has. */
export interface Row {
  readonly value: number;
  readonly quality: number;
  readonly rev: number;
}

export interface Corrected {
  readonly key: string;
  readonly old: Pick<Row, 'value' | 'quality'>;
  readonly new: Pick<Row, 'value' | 'quality'>;
  readonly rev: number;
}

/** What is committed. Keys of readings are `pointId/epoch µs`. */
export class Committed {
  readonly readings = new Map<string, Row>();
  readonly corrections: Corrected[] = [];
  readonly ledger = new Map<string, Record<string, number>>();
  readonly rejected = new Map<string, number>();
  readonly flushes = new Map<string, number>();
  readonly events = new Set<string>();
  readonly sequences = new Map<string, unknown>();
  /** Addresses and payloads in the rejection book. */
  readonly rejections: string[] = [];
  readonly discoveries: string[] = [];
}

export interface Result {
  readonly rows: readonly object[];
  readonly rowCount: number;
}

export class DatabaseError extends Error {
  readonly severity = 'ERROR';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function affected(rowCount: number): Result {
  return { rows: [], rowCount };
}
