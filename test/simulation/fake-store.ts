import type { SequenceState } from '#services/ingest/sequence.ts';
import { quarterOf } from '#services/rollup/buckets.ts';

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

/** A row of `sequence_heard`, its arrays as the text they come and go as. */
export interface HeardRow {
  readonly source: string;
  readonly devices: string;
  readonly seqs: string;
  readonly times: string;
  readonly arrived: string;
}

/** What is committed. Keys of readings are `pointId/epoch µs`. */
export class Committed {
  readonly readings = new Map<string, Row>();
  readonly corrections: Corrected[] = [];
  readonly ledger = new Map<string, Record<string, number>>();
  readonly rejected = new Map<string, number>();
  readonly flushes = new Map<string, number>();
  readonly events = new Set<string>();
  /** Buckets whose derived rows are behind; points null is all. */
  dirty: { readonly bucketMs: number; readonly pointIds: readonly number[] | null }[] = [];
  /** What the rollup job has made of each bucket and point. */
  readonly derived = new Map<string, string>();
  /** Rows of `sequence_state`, and of `sequence_heard` by id. */
  readonly sequences = new Map<string, SequenceState>();
  readonly heard = new Map<number, HeardRow>();
  heardRows = 0;
  /** Every `device/number` that a flush has heard, with how often. */
  readonly numbers = new Map<string, number>();
  /** Addresses and payloads in the rejection book. */
  readonly rejections: string[] = [];
  readonly discoveries: string[] = [];
}

/** What the buckets are when they are made from the readings: by `bucket/point`, everything that is in it. */
export function cellsOf(readings: Committed['readings']): Map<string, string> {
  const cells = new Map<string, string>();
  for (const [key, { value, quality }] of readings) {
    const [pointId = '', us = ''] = key.split('/');
    const cell = `${quarterOf(Number(us) / 1_000)}/${pointId}`;
    cells.set(cell, `${cells.get(cell) ?? ''}${us}=${value}/${quality};`);
  }
  return cells;
}

/** Whether the journal says that a bucket of a point is behind. */
export function isDirty(dirty: Committed['dirty'], cell: string): boolean {
  const [bucketMs, pointId] = cell.split('/').map(Number);
  return dirty.some((row) => row.bucketMs === bucketMs && (row.pointIds?.includes(pointId ?? 0) ?? true));
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
