import type { RecordKind } from './kind.ts';
import { assuranceKinds } from './kinds/assurance.ts';
import { enterpriseKinds } from './kinds/enterprises.ts';
import { facilityKinds } from './kinds/facilities.ts';
import { industryKinds } from './kinds/industry.ts';
import { operationKinds } from './kinds/operations.ts';
import { peopleKinds } from './kinds/people.ts';
import { placeKinds } from './kinds/places.ts';
import { serviceKinds } from './kinds/services.ts';

/** Every book of records, by the id of its kind. */
export const recordKinds: ReadonlyMap<string, RecordKind> = new Map(
  [
    ...enterpriseKinds,
    ...serviceKinds,
    ...peopleKinds,
    ...facilityKinds,
    ...assuranceKinds,
    ...industryKinds,
    ...operationKinds,
    ...placeKinds,
  ].map((kind) => [kind.id, kind]),
);

/** The fields by which records name a record of `kind`. */
export function referencesTo(kind: string): { readonly kind: string; readonly field: string }[] {
  return [...recordKinds.values()].flatMap((other) =>
    Object.entries(other.fields).flatMap(([field, { type, ...rest }]) =>
      type === 'record' && 'kind' in rest && rest.kind === kind ? [{ kind: other.id, field }] : [],
    ),
  );
}
