import type { Queryable } from '#infra/postgres.ts';
import { deviceClasses, stateName } from '#schemas/device-classes/index.ts';
import { pointKey } from '#schemas/ids.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { Proof, ProofOf } from '#schemas/rubric-proof.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { factsHead, iso, remembered, type CollectRequest, type Collector } from '../../collect.ts';
import { readNewestGood, readPoints } from '../../facts-store.ts';
import type { PlacedDevice } from '../../live.ts';
import {
  collectCompleteDays,
  collectDeclared,
  collectMarks,
  collectPlaced,
  hasAttributes,
  type Placed,
} from '../../places.ts';
import {
  countSuitable,
  keptOccurrences,
  readAlarms,
  readCommands,
  readDeliveries,
  readEvents,
  readLinkages,
  readOnboarded,
  readPublications,
  readRules,
  readSharedKeys,
  type OccurrenceRow,
} from '../../proof-store.ts';
import { functions, isFunctionProof } from './derive.ts';
import type {
  DueFacts,
  FunctionsFacts,
  HappenedFacts,
  LiveFacts,
  ProofFacts,
  PublicationFacts,
  StateFacts,
} from './facts.ts';

const dayMs = 86_400_000;
/** A state that is older at the end of the period tells nothing of that end. */
const staleAfterMs = dayMs;
/** Events of one type that are looked at, newest first, where their content decides. */
const eventsMost = 5_000;
const rulesMost = 20;

/** What one item is asked with: the store, the period, and the devices that it has named so far. */
interface Asking {
  readonly db: Queryable;
  readonly request: CollectRequest;
  readonly item: RubricItem;
  readonly devices: Map<string, PlacedDevice>;
}

export const functionsCollector: Collector = {
  id: functions.id,
  perItem: true,
  async collect(db, request, item): Promise<FunctionsFacts> {
    const asking: Asking = { db, request, item, devices: new Map() };
    const found: { id: string; proofs: ProofFacts[] }[] = [];
    for (const { id, proofs } of item.functions) {
      if (proofs === undefined) continue;
      const facts: ProofFacts[] = [];
      for (const proof of proofs.filter(isFunctionProof)) facts.push(await collectProof(asking, proof));
      found.push({ id, proofs: facts });
    }
    const isLive = found.some(({ proofs }) => proofs.some(({ kind }) => kind === 'live'));
    return {
      ...factsHead(functions, request),
      item: item.id,
      days: isLive ? await collectCompleteDays(db, request) : [],
      devices: [...asking.devices.values()].toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1)),
      functions: found,
      shared: await collectShared(asking),
    };
  },
};

function collectProof(asking: Asking, proof: Proof): Promise<ProofFacts> {
  switch (proof.kind) {
    case 'live':
      return collectLive(asking, proof);
    case 'state':
      return collectState(asking, proof);
    case 'due':
      return collectDue(asking, proof);
    case 'rule':
      return collectRules(asking, proof);
    case 'publication':
      return collectPublications(asking, proof);
    default:
      return collectHappened(asking, proof);
  }
}

function placedOf({ db, request, item }: Asking, classes: readonly string[]): Promise<Placed[]> {
  return collectPlaced(db, request, { classes, names: [functions.id, item.id] });
}

async function collectLive(asking: Asking, proof: ProofOf<'live'>): Promise<LiveFacts> {
  const { db, request, devices } = asking;
  const { classes, metrics, perDay, attributes } = proof;
  const declared = proof.in === undefined ? null : await collectDeclared(db, request, proof.in);
  const within = new Set(declared?.flatMap((space) => space.within));
  const placed = (await placedOf(asking, classes)).filter(
    (entry) => hasAttributes(entry, attributes) && (declared === null || within.has(entry.spaceId ?? '')),
  );
  const marks = await collectMarks(db, request, { classes, metrics, perDay });
  for (const { device } of placed) {
    devices.set(device.deviceId, device);
  }
  return {
    kind: 'live',
    candidates: placed.map(({ device: { deviceId, class: deviceClass }, movedAt }) => ({
      deviceId,
      point: pointKey(deviceId, metricOf(deviceClass, metrics)),
      marks: marks.get(deviceId) ?? '',
      since: declared === null ? null : movedAt,
    })),
    spaces: (proof.least === 'every-space' ? (declared ?? []) : []).map(
      ({ spaceId, name, within: inside }) => ({
        spaceId,
        name,
        deviceIds: placed
          .filter((entry) => inside.includes(entry.spaceId ?? ''))
          .map(({ device }) => device.deviceId),
      }),
    ),
  };
}

/** The first of the metrics that the class has: what is shown beside the device. */
function metricOf(deviceClass: string, metrics: readonly string[]): string {
  const known = deviceClasses.get(deviceClass)?.metrics ?? {};
  return metrics.find((metric) => Object.hasOwn(known, metric)) ?? metrics[0] ?? '';
}

/** In service at the end of the period, and not left out by a person. */
async function standing(asking: Asking, classes: readonly string[]): Promise<Placed[]> {
  const placed = await placedOf(asking, classes);
  const found = placed.filter(({ standsAtEnd, device }) => standsAtEnd && device.exclusion === null);
  for (const { device } of found) asking.devices.set(device.deviceId, device);
  return found;
}

async function collectState(asking: Asking, proof: ProofOf<'state'>): Promise<StateFacts> {
  const { request } = asking;
  const { metric } = proof;
  const placed = await standing(asking, proof.classes);
  const deviceIds = placed.map(({ device }) => device.deviceId);
  const { pointOf, newest } = await newestOf(asking, metric, deviceIds);
  return {
    kind: 'state',
    devices: placed.map(({ device: { deviceId, class: deviceClass } }) => {
      const reading = newest.get(pointOf.get(deviceId) ?? -1);
      const definition = deviceClasses.get(deviceClass)?.metrics[metric];
      const fresh = reading !== undefined && request.toMs - reading.timeMs <= staleAfterMs;
      return {
        deviceId,
        point: pointKey(deviceId, metric),
        reading: fresh
          ? {
              time: iso(reading.timeMs),
              state: (definition && stateName(definition, reading.value)) ?? String(reading.value),
            }
          : null,
      };
    }),
  };
}

/** The newest good reading of one metric of some devices, by point. */
async function newestOf({ db, request }: Asking, metric: string, deviceIds: readonly string[]) {
  return remembered(request, `newest ${metric} ${deviceIds.join()}`, async () => {
    const points = await readPoints(db, { deviceIds, metrics: [metric] });
    const pointOf = new Map(points.map(({ deviceId, pointId }) => [deviceId, pointId]));
    const newest = await readNewestGood(db, { pointIds: [...pointOf.values()], beforeMs: request.toMs });
    return { pointOf, newest };
  });
}

async function collectDue(asking: Asking, proof: ProofOf<'due'>): Promise<DueFacts> {
  const { request } = asking;
  const placed = await standing(asking, proof.classes);
  return {
    kind: 'due',
    lastDay: localCalendar(request.timeZone).dayOf(request.toMs - 1),
    devices: placed.map(({ device: { deviceId }, attributes }) => {
      const date = attributes[proof.attribute];
      return { deviceId, date: date === undefined ? null : String(date) };
    }),
  };
}

async function collectRules({ db, request }: Asking, proof: ProofOf<'rule'>): Promise<ProofFacts> {
  const rules = await remembered(request, `rules ${proof.classes.join()}`, () =>
    readRules(db, { classes: proof.classes, at: iso(request.toMs), limit: rulesMost }),
  );
  return { kind: 'rule', rules };
}

type HappenedProof = ProofOf<'event' | 'alarm' | 'command' | 'linkage' | 'delivery' | 'onboarded'>;

async function collectHappened(asking: Asking, proof: HappenedProof): Promise<HappenedFacts> {
  const { db, request, devices } = asking;
  const window = windowOf(request, proof.windowDays);
  const { rows, attempts } = await remembered(request, `happened ${JSON.stringify(proof)}`, () =>
    readHappened(db, proof, window),
  );
  for (const row of rows) {
    const { deviceId, name, provenance } = row;
    if (devices.has(deviceId)) continue;
    const neutral = { service: [], exclusion: null, heldS: 0 };
    devices.set(deviceId, { deviceId, name, class: row.class, provenance, ...neutral });
  }
  const classes =
    proof.kind === 'linkage' ? proof.answeredBy : 'classes' in proof ? proof.classes : ([] as string[]);
  return {
    kind: proof.kind,
    from: window.from,
    occurrences: rows.map(({ time, deviceId, what, ref, by }) => {
      return { time: time.toISOString(), deviceId, what, ref, by };
    }),
    suitable: await remembered(request, `suitable ${classes.join()} ${window.from}`, () =>
      countSuitable(db, { classes, ...window }),
    ),
    attempts,
  };
}

function windowOf({ fromMs, toMs }: CollectRequest, days: number | undefined): { from: string; to: string } {
  return { from: iso(days === undefined ? fromMs : Math.min(fromMs, toMs - days * dayMs)), to: iso(toMs) };
}

async function readHappened(
  db: Queryable,
  proof: HappenedProof,
  window: { from: string; to: string },
): Promise<{ rows: OccurrenceRow[]; attempts: number | null }> {
  switch (proof.kind) {
    case 'event': {
      const { classes, types, leastDevices } = proof;
      const each = leastDevices > 1;
      const limit = Math.max(keptOccurrences, leastDevices);
      return { rows: await readEvents(db, { classes, types, each, limit, ...window }), attempts: null };
    }
    case 'alarm': {
      const { classes, metrics = null, severities = null, step } = proof;
      return {
        rows: await readAlarms(db, { classes, metrics, severities, step, ...window }),
        attempts: null,
      };
    }
    case 'command': {
      const { confirmed, attempts } = await readCommands(db, { classes: proof.classes, ...window });
      return { rows: confirmed, attempts };
    }
    case 'linkage':
      return { rows: await readLinkages(db, { ...proof, ...window }), attempts: null };
    case 'delivery':
      return { rows: await readDeliveries(db, { channels: proof.channels, ...window }), attempts: null };
    default:
      return { rows: await readOnboarded(db, window), attempts: null };
  }
}

async function collectPublications(asking: Asking, proof: ProofOf<'publication'>): Promise<PublicationFacts> {
  const { classes, types, key, reach } = proof;
  const displays = (await standing(asking, classes)).map(({ device }) => device.deviceId);
  const window = windowOf(asking.request, proof.windowDays);
  const rows = await remembered(
    asking.request,
    `publications ${JSON.stringify([classes, types, key, window])}`,
    () => readPublications(asking.db, { classes, types, key, eventsMost, ...window }),
  );
  const reached = rows.filter(({ deviceIds }) =>
    reach === 'all' ? displays.every((id) => deviceIds.includes(id)) : deviceIds.length === 1,
  );
  return {
    kind: 'publication',
    from: window.from,
    displays,
    publications: reached.slice(0, keptOccurrences).map(({ publication, time, deviceIds }) => {
      return { publication, time: time.toISOString(), deviceIds };
    }),
  };
}

/** The functions of the value that proves most of them. The value is a person's credential and is not kept. */
async function collectShared({ db, request, item }: Asking): Promise<FunctionsFacts['shared']> {
  const { sharedKey } = item;
  if (sharedKey === undefined) return null;
  const uses = item.functions.flatMap(({ id, proofs = [] }) =>
    proofs.flatMap((proof) =>
      proof.kind === 'event' ? [{ id, classes: proof.classes, types: proof.types }] : [],
    ),
  );
  const window = { from: iso(request.fromMs), to: iso(request.toMs) };
  const [best] = await readSharedKeys(db, { uses, key: sharedKey, eventsMost, ...window });
  return { functions: best?.uses ?? [] };
}
