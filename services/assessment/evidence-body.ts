import type { Decided, Measurement, Score } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { Provenance } from '#schemas/reading.ts';

/** The form of an evidence body; docs/evidence-format.md tells it field by field. */
export const evidenceVersion = 'parkwatch-evidence-v1';

/**
 * An input file: `facts` is what the measure collected, `rubric` the whole rubric as it was scored by, `claims` those of an
 * item that an approved claim decides instead of the measure.
 */
export interface InputRef {
  readonly name: 'facts' | 'rubric' | 'claims';
  readonly sha256: string;
  readonly bytes: number;
}

export interface EvidenceBody {
  readonly v: typeof evidenceVersion;
  readonly park: string;
  readonly rubric: string;
  readonly edition: string;
  readonly item: string;
  readonly clause: string;
  readonly name: Bilingual;
  /** Points that the item can earn. */
  readonly maximum: number;
  readonly convention: Bilingual | null;
  readonly period: { readonly from: string; readonly to: string; readonly timeZone: string };
  readonly asOf: string;
  readonly measurement: Measurement;
  readonly score: Score;
  readonly basis: Score['basis'];
  /** What the measure found, where an approved claim decides: `measurement` and `score` are then the claim's. */
  readonly computed?: { readonly measurement: Measurement; readonly score: Score };
  /** What an assessor decided inside the range of `score`, where one did: so much it adds to the total. */
  readonly decided?: Decided;
  /** True when anything it touched did not come from the field. */
  readonly demo: boolean;
  /** Members of the population by provenance. */
  readonly provenance: Readonly<Partial<Record<Provenance, number>>>;
  readonly versions: {
    readonly program: string;
    readonly measure: string;
    readonly measureVersion: number;
  };
  readonly storedBy: string;
  readonly inputs: readonly InputRef[];
}
