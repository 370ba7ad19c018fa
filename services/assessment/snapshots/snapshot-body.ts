import type { Score, Total } from '#schemas/assessment.ts';

/** The form of a night's row in the evidence journal; docs/evidence-format.md tells it field by field. */
export const snapshotVersion = 'parkwatch-snapshot-v1';

export interface SnapshotBody {
  readonly v: typeof snapshotVersion;
  readonly park: string;
  readonly rubric: string;
  readonly edition: string;
  /** Of the rubric's canonical text. */
  readonly rubricSha256: string;
  /** The last complete local day of the period. */
  readonly day: string;
  readonly period: { readonly from: string; readonly to: string; readonly timeZone: string };
  readonly asOf: string;
  readonly total: Total;
  readonly demo: boolean;
  readonly program: string;
  readonly items: readonly {
    readonly item: string;
    readonly points: Score['points'];
    readonly basis: Score['basis'];
    readonly measure: string;
    readonly measureVersion: number;
    /** Of the facts it was derived from. */
    readonly factsSha256: string;
  }[];
}
