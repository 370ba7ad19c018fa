import type { Bilingual } from '#schemas/device-class.ts';

type Loose = Readonly<Record<string, unknown>>;

/** What the page shows of a sealed body; a body of another version may lack any of it. */
export interface EvidenceFacts {
  readonly name: Bilingual | null;
  readonly edition: string | null;
  readonly clause: string | null;
  readonly basis: string | null;
  readonly demo: boolean;
  readonly storedBy: string | null;
  readonly value: number | null;
  readonly unit: string;
  readonly completeness: number | null;
  readonly counted: number | null;
  readonly of: number | null;
  readonly points: { readonly min: number; readonly max: number } | null;
  readonly maximum: number | null;
  readonly reason: Bilingual | null;
}

const isLoose = (value: unknown): value is Loose => typeof value === 'object' && value !== null;
const part = (value: Loose, key: string): Loose => {
  const found = value[key];
  return isLoose(found) ? found : {};
};
const text = (value: unknown) => (typeof value === 'string' ? value : null);
const number = (value: unknown) => (typeof value === 'number' ? value : null);

function bilingual(value: Loose): Bilingual | null {
  const [zh, en] = [text(value['zh']), text(value['en'])];
  return zh === null || en === null ? null : { zh, en };
}

/** Reads a sealed body without trusting its form: old evidence stays readable. */
export function factsOf(body: Loose): EvidenceFacts {
  const measurement = part(body, 'measurement');
  const population = part(measurement, 'population');
  const score = part(body, 'score');
  const points = part(score, 'points');
  const [min, max] = [number(points['min']), number(points['max'])];
  return {
    name: bilingual(part(body, 'name')),
    edition: text(body['edition']),
    clause: text(body['clause']),
    basis: text(body['basis']),
    demo: body['demo'] === true,
    storedBy: text(body['storedBy']),
    value: number(measurement['value']),
    unit: text(measurement['unit']) ?? '',
    completeness: number(measurement['completeness']),
    counted: number(population['counted']),
    of: number(population['of']),
    points: min === null || max === null ? null : { min, max },
    maximum: number(body['maximum']),
    reason: bilingual(part(score, 'reason')),
  };
}

/** The period that a sealed body names; empty when it names none. */
export function periodOfBody(body: Loose): { from: string; to: string } | Record<string, never> {
  const period = part(body, 'period');
  const [from, to] = [text(period['from']), text(period['to'])];
  return from === null || to === null ? {} : { from, to };
}
