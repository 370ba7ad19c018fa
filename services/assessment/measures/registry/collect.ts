import type { Queryable } from '#infra/postgres.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import type { RegistryRule } from '#schemas/rubric-registry.ts';
import {
  factsHead,
  mostServiceRows,
  remembered,
  type CollectRequest,
  type Collector,
} from '../../collect.ts';
import { collectPlaced, hasAttributes, type Placed } from '../../places.ts';
import { readSpacesAt, type SpaceRow } from '../../place-store.ts';
import { registryMeasure, registryRuleOf, type RegistryEntry, type RegistryFacts } from './derive.ts';

export const registryCollector: Collector = {
  id: registryMeasure.id,
  perItem: true,
  async collect(db, request, item): Promise<RegistryFacts> {
    const rule = registryRuleOf(item);
    const entries =
      rule.of === 'devices'
        ? await devicesOf(db, request, { rule, item: item.id })
        : await spacesOf(db, request, rule);
    return { ...factsHead(registryMeasure, request), item: item.id, entries };
  },
};

type DeviceRule = Extract<RegistryRule, { of: 'devices' }>;
type SpaceRule = Extract<RegistryRule, { of: 'spaces' }>;

/** In service at the end of the period. */
async function standing(
  db: Queryable,
  request: CollectRequest,
  { classes, names }: { classes: readonly string[]; names: readonly string[] },
): Promise<Placed[]> {
  return (await collectPlaced(db, request, { classes, names })).filter(({ standsAtEnd }) => standsAtEnd);
}

async function devicesOf(
  db: Queryable,
  request: CollectRequest,
  { rule, item }: { rule: DeviceRule; item: string },
): Promise<RegistryEntry[]> {
  const classes = rule.classes ?? [...deviceClasses.keys()];
  const placed = await standing(db, request, { classes, names: [registryMeasure.id, item] });
  return placed.map((entry) => {
    const { deviceId, name, class: deviceClass, provenance, exclusion } = entry.device;
    return { id: deviceId, name, class: deviceClass, provenance, exclusion, has: deviceHas(entry, rule) };
  });
}

function deviceHas(entry: Placed, { has }: DeviceRule): string | null {
  if (has === 'space') return entry.spaceId;
  const { attribute, words } = has;
  const text = String(entry.attributes[attribute] ?? '');
  if (text === '' || (words !== undefined && !hasAttributes(entry, { [attribute]: words }))) return null;
  return text;
}

/** @throws ParkError `too-many-values` above what one measure may look at */
async function spacesOf(db: Queryable, request: CollectRequest, rule: SpaceRule): Promise<RegistryEntry[]> {
  const spaces = await remembered(request, 'spaces', () =>
    readSpacesAt(db, { atMs: request.toMs, limit: mostServiceRows + 1 }),
  );
  if (spaces.length > mostServiceRows)
    throw new ParkError('too-many-values', `A measure would look at more than ${mostServiceRows} spaces`);
  const inhabited =
    rule.has === 'device' ? await inhabitedBy(db, request, spaces) : new Map<string, string>();
  return spaces
    .filter(({ kind }) => rule.kinds.some((asked) => asked === kind))
    .map(({ id, name, kind, areaM2 }) => ({
      id,
      name,
      class: kind,
      provenance: 'field',
      exclusion: null,
      has: rule.has === 'area' ? (areaM2 === null ? null : `${areaM2} m2`) : (inhabited.get(id) ?? null),
    }));
}

/** A device of each space that one stands in, or below. */
async function inhabitedBy(
  db: Queryable,
  request: CollectRequest,
  spaces: readonly SpaceRow[],
): Promise<Map<string, string>> {
  const parents = new Map(spaces.map(({ id, parentId }) => [id, parentId]));
  const found = new Map<string, string>();
  for (const { spaceId, device } of await standing(db, request, {
    classes: [...deviceClasses.keys()],
    names: [],
  })) {
    for (let id = spaceId; id !== null && !found.has(id); id = parents.get(id) ?? null)
      found.set(id, device.deviceId);
  }
  return found;
}
