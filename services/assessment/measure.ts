import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { Provenance } from '#schemas/reading.ts';
import type { RubricItem } from '#schemas/rubric.ts';

/**
 * A measure has two halves (DESIGN §8). `collect` asks the store and answers small, serialisable facts; `derive` and
 * `members` are pure functions of those facts, so that anybody can repeat them from the stored input file. This file
 * and everything that derives imports nothing but types: the verifier carries it.
 */

/** What the facts of every measure begin with. Instants are RFC 3339, UTC; ranges are closed-open. */
export interface Facts {
  readonly measure: string;
  /** Of the way the facts are collected and derived; another number is another measure to the verifier. */
  readonly version: number;
  readonly from: string;
  readonly to: string;
  readonly asOf: string;
  readonly timeZone: string;
}

/** A time in service; `to` is null while it lasts. Neither end is cut to the period. */
export interface ServiceSpan {
  readonly from: string;
  readonly to: string | null;
}

/** What the registry says of a device that belongs to a population. */
export interface DeviceFacts {
  readonly deviceId: string;
  readonly name: string;
  readonly class: string;
  /** Anything but `field` when the device was that at any time of the period. */
  readonly provenance: Provenance;
  readonly service: readonly ServiceSpan[];
  /** Why a person left it out, with a date and a name in the audit log; null when nobody did. */
  readonly exclusion: Bilingual | null;
  /**
   * Seconds of the period in which alarms of it were shelved, suppressed or out of service; absent in facts that were
   * collected before it was told.
   */
  readonly heldS?: number;
}

/** A record of a register that a measure looked at, with the fields it needs; docs of kinds: schemas/registers. */
export interface RecordFacts {
  readonly kind: string;
  readonly code: string;
  readonly title: string;
  /** The first and the last local day on which it holds; `until` is null while the end is open. */
  readonly from: string;
  readonly until: string | null;
  /** Of the whole record as it was read, the fields that are not here included. */
  readonly sha256: string;
  /** Anything but `field` when it was not kept by people of the park. */
  readonly provenance: Provenance;
  readonly fields: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** Its attachments: part of every pack that rests on it. */
  readonly documents: readonly { readonly sha256: string; readonly bytes: number; readonly name: string }[];
  /** The day by which somebody should have looked at it again; null when its kind asks for none. */
  readonly reviewBy: string | null;
}

/** A member of the population, with why it counts or not. */
export interface Member {
  readonly deviceId: string;
  readonly name: string;
  readonly class: string;
  readonly provenance: Provenance;
  /** Excluded members are no part of the ratio; `of` = counted + not counted. */
  readonly standing: 'counted' | 'not-counted' | 'excluded';
  readonly reason: Bilingual;
  /** True when an assessor should look at it although it counts. */
  readonly noted: boolean;
  /** The point whose readings show it; null when there is no single one. */
  readonly point: string | null;
}

/** The facts, and those of other measures that an item of several parts rests on. */
export function factsWithin(facts: Facts): readonly Facts[] {
  const { inputs = [] } = facts as Facts & { readonly inputs?: readonly Facts[] };
  return [facts, ...inputs];
}

interface SpaceShaped extends Facts {
  readonly spaces?: readonly { readonly spaceId: string; readonly deviceIds: readonly string[] }[];
}

/** Of facts that count declared places: the devices in each, by id of the place. */
export function spaceDevices(facts: Facts): ReadonlyMap<string, readonly string[]> {
  const spaces = factsWithin(facts).flatMap((each) => (each as SpaceShaped).spaces ?? []);
  return new Map(spaces.map(({ spaceId, deviceIds }) => [spaceId, deviceIds]));
}

/** The pure half of a measure. */
export interface Derivation {
  readonly id: string;
  readonly version: number;
  /** @throws Error when the facts do not have the form of this measure and version, or are of another item */
  readonly derive: (facts: unknown, item: RubricItem) => Measurement;
  readonly members: (facts: unknown, item: RubricItem) => Member[];
}

/** A measure that is the same whatever item it serves. */
interface PlainDerivation extends Derivation {
  readonly derive: (facts: unknown) => Measurement;
  readonly members: (facts: unknown) => Member[];
}

/** Facts that were collected for one item, by what the item itself asks for. */
export interface ItemFacts extends Facts {
  readonly item: string;
}

/** Makes a measure's pure half usable without knowing the form of its facts. */
export function defineDerivation<F extends Facts>(definition: {
  readonly id: string;
  readonly version: number;
  readonly derive: (facts: F) => Measurement;
  readonly members: (facts: F) => Member[];
}): PlainDerivation {
  const { id, version, derive, members } = definition;
  const own = (facts: unknown): F => ownFacts<F>(definition, facts);
  return { id, version, derive: (facts) => derive(own(facts)), members: (facts) => members(own(facts)) };
}

/** Like `defineDerivation`, for a measure whose parameters stand in the items that it serves. */
export function defineItemDerivation<F extends ItemFacts>(definition: {
  readonly id: string;
  readonly version: number;
  readonly derive: (facts: F, item: RubricItem) => Measurement;
  readonly members: (facts: F, item: RubricItem) => Member[];
}): Derivation {
  const { id, version, derive, members } = definition;
  const own = (given: unknown, item: RubricItem): F => {
    const facts = ownFacts<F>(definition, given);
    if (facts.item !== item.id) throw new Error(`The facts are those of ${facts.item}, not of ${item.id}`);
    return facts;
  };
  return {
    id,
    version,
    derive: (facts, item) => derive(own(facts, item), item),
    members: (facts, item) => members(own(facts, item), item),
  };
}

function ownFacts<F extends Facts>({ id, version }: { id: string; version: number }, facts: unknown): F {
  const given = facts as Partial<Facts> | null;
  if (given?.measure !== id || given.version !== version) {
    throw new Error(`The facts are not those of ${id} version ${version}`);
  }
  return facts as F;
}

/** The population as a measurement tells it. */
export function populationOf(members: readonly Member[]): Measurement['population'] {
  const note = ({ deviceId, reason }: Member) => ({ id: deviceId, reason });
  return {
    counted: members.filter(({ standing }) => standing === 'counted').length,
    of: members.filter(({ standing }) => standing !== 'excluded').length,
    excluded: members.filter(({ standing }) => standing === 'excluded').map(note),
    noted: members.filter(({ noted, standing }) => noted && standing !== 'excluded').map(note),
  };
}

/** Whether anything that the measure touched did not come from the field. */
export function isDemo(members: readonly Member[]): boolean {
  return members.some(({ provenance }) => provenance !== 'field');
}

/** How many members have each provenance. */
export function countProvenance(members: readonly Member[]): Partial<Record<Provenance, number>> {
  const counts: Partial<Record<Provenance, number>> = {};
  for (const { provenance } of members) counts[provenance] = (counts[provenance] ?? 0) + 1;
  return counts;
}

/** Milliseconds of the range in service. */
export function servedMs(
  service: readonly ServiceSpan[],
  range: { readonly fromMs: number; readonly toMs: number },
): number {
  return service.reduce((sum, span) => {
    const fromMs = Math.max(Date.parse(span.from), range.fromMs);
    const toMs = Math.min(span.to === null ? range.toMs : Date.parse(span.to), range.toMs);
    return sum + Math.max(0, toMs - fromMs);
  }, 0);
}

/** One local day, whole or cut to the period. */
export interface DayFacts {
  readonly day: string;
  readonly from: string;
  readonly to: string;
  /** Whether this system stored any reading of the park on it. */
  readonly watched: boolean;
}

/** A verdict needs this share of the days in service to be watched; the others count as days without data. */
const watchedShare = 0.95;

/**
 * What is missing when this system did not watch the park on too many of the days that members were in service: the
 * silence of those days is neither their failure nor their success.
 */
export function unwatchedDays(
  days: readonly DayFacts[],
  services: readonly (readonly ServiceSpan[])[],
): Bilingual[] {
  const served = days.filter(({ from, to }) => {
    const range = { fromMs: Date.parse(from), toMs: Date.parse(to) };
    return services.some((service) => servedMs(service, range) > 0);
  });
  const blind = served.filter(({ watched }) => !watched);
  const [first] = blind;
  const last = blind.at(-1);
  if (first === undefined || last === undefined || blind.length <= served.length * (1 - watchedShare))
    return [];
  const span = first === last ? first.day : `${first.day} … ${last.day}`;
  return [
    {
      zh: `${served.length} 个本地日中有 ${blind.length} 日（${span}）系统没有收到园区的任何读数`,
      en: `On ${blind.length} of ${served.length} local days (${span}) no reading of the park was received at all`,
    },
  ];
}

/** The reason of a member with how long its alarms were held: kept quiet is not the same as well. */
export function withHeld(reason: Bilingual, { heldS = 0 }: Pick<DeviceFacts, 'heldS'>): Bilingual {
  if (heldS === 0) return reason;
  const hours = Math.ceil(heldS / 360) / 10;
  return {
    zh: `${reason.zh}；告警被搁置或抑制共 ${hours} 小时`,
    en: `${reason.en}; its alarms were held for ${hours} h in all`,
  };
}

/** A share as people read it, cut and not rounded: 94.99 % must not read as 95 %. */
export function percent(share: number): string {
  return `${Math.floor(share * 1_000 + 1e-9) / 10} %`;
}

/** Entries by key, in their order; `Map.groupBy` is younger than the oldest Node that verifies. */
export function grouped<T>(entries: readonly T[], keyOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group === undefined) groups.set(keyOf(entry), [entry]);
    else group.push(entry);
  }
  return groups;
}
