import type { Score } from '#schemas/assessment.ts';
import type { MeasuredItem } from '../assess.ts';
import type { LiveMarks, PlacedDevice } from '../live.ts';
import type { DayFacts, Facts } from '../measure.ts';
import type { StationFacts } from '../measures/environment-monitoring/derive.ts';
import { parts } from '../measures/parts/derive.ts';
import { bandOf } from '../measures/parts/needs.ts';
import type { MeterFacts } from '../measures/remote-metering/derive.ts';
import type { PictureFacts } from '../measures/video-quality/derive.ts';
import type { CameraFacts } from '../measures/video-retention/derive.ts';
import { score } from '../score.ts';

/** What would be earned if some members had delivered all the time: pure, nothing of it is ever stored. */

type Camera = CameraFacts | PictureFacts;

/** The parts of facts that tell what members delivered, whatever the measure. */
interface SupposableFacts extends Facts {
  readonly meters?: readonly MeterFacts[];
  readonly days?: readonly DayFacts[];
  readonly devices?: readonly PlacedDevice[];
  readonly live?: readonly LiveMarks[];
  readonly cameras?: readonly Camera[];
  readonly stations?: readonly StationFacts[];
  readonly spaces?: readonly { readonly spaceId: string; readonly deviceIds: readonly string[] }[];
  /** What other measures look at. */
  readonly inputs?: readonly Facts[];
  readonly functions?: readonly {
    readonly proofs: readonly { readonly candidates?: readonly LiveMarks[] }[];
  }[];
}

/** What a camera in order has. */
const goodCamera = { ageS: 30 * 86_400, longPx: 1_280, shortPx: 720 } as const;
/** More good readings of a day than are ever due count as what is due. */
const plenty = 1e9;

/** The facts as they would be if these members (devices, or declared places with what is in them) had delivered. */
export function supposed(facts: Facts, members: ReadonlySet<string>): Facts {
  const given = furnished(facts, members);
  const inside = (given.spaces ?? []).filter(({ spaceId }) => members.has(spaceId));
  const ids = new Set([...members, ...inside.flatMap(({ deviceIds }) => deviceIds)]);
  const lit = <T extends LiveMarks>(live: T): T =>
    ids.has(live.deviceId) ? { ...live, marks: '1'.repeat(live.marks.length) } : live;
  const { meters, live, cameras, stations, functions, inputs } = given;
  const next: SupposableFacts = {
    ...given,
    ...(meters === undefined ? {} : { meters: meters.map((meter) => readMeter(meter, ids, given.from)) }),
    ...(live === undefined ? {} : { live: live.map(lit) }),
    ...(cameras === undefined ? {} : { cameras: cameras.map((camera) => mended(camera, ids, given.to)) }),
    ...(stations === undefined ? {} : { stations: stations.map((station) => heard(station, ids)) }),
    ...(functions === undefined ? {} : { functions: functions.map(withCandidates) }),
    ...(inputs === undefined ? {} : { inputs: inputs.map((input) => supposed(input, members)) }),
  };
  return next;

  function withCandidates<T extends { readonly proofs: readonly { candidates?: readonly LiveMarks[] }[] }>(
    entry: T,
  ): T {
    const proofs = entry.proofs.map((proof) =>
      proof.candidates === undefined ? proof : { ...proof, candidates: proof.candidates.map(lit) },
    );
    return { ...entry, proofs };
  }
}

/** A place where nothing stands gets a device of its own name, in service all the time. */
function furnished(facts: SupposableFacts, members: ReadonlySet<string>): SupposableFacts {
  const { spaces, devices, live, days = [], from } = facts;
  if (spaces === undefined || devices === undefined || live === undefined) return facts;
  const empty = spaces.filter(({ spaceId, deviceIds }) => deviceIds.length === 0 && members.has(spaceId));
  if (empty.length === 0) return facts;
  const ids = new Set(empty.map(({ spaceId }) => spaceId));
  const first = days[0]?.from ?? from;
  return {
    ...facts,
    spaces: spaces.map((space) =>
      ids.has(space.spaceId) ? { ...space, deviceIds: [space.spaceId] } : space,
    ),
    devices: [...devices, ...empty.map(({ spaceId }) => standing(spaceId, first))],
    live: [
      ...live,
      ...empty.map(({ spaceId }) => {
        return { deviceId: spaceId, point: spaceId, marks: '1'.repeat(days.length), since: null };
      }),
    ],
  };
}

function standing(deviceId: string, from: string): PlacedDevice {
  return {
    deviceId,
    name: deviceId,
    class: '',
    provenance: 'field',
    service: [{ from, to: null }],
    exclusion: null,
    heldS: 0,
  };
}

function readMeter(meter: MeterFacts, ids: ReadonlySet<string>, from: string): MeterFacts {
  if (!ids.has(meter.deviceId)) return meter;
  return {
    ...meter,
    received: '1'.repeat(meter.received.length),
    firstReading: meter.firstReading ?? from,
  };
}

function mended(camera: Camera, ids: ReadonlySet<string>, to: string): Camera {
  if (!ids.has(camera.deviceId)) return camera;
  if ('picture' in camera) {
    const widthPx = Math.max(camera.picture?.widthPx ?? 0, goodCamera.longPx);
    const heightPx = Math.max(camera.picture?.heightPx ?? 0, goodCamera.shortPx);
    return { ...camera, picture: { time: to, widthPx, heightPx } };
  }
  const ageS = Math.max(camera.reading?.ageS ?? 0, goodCamera.ageS);
  return { ...camera, reading: { time: to, ageS } };
}

function heard(station: StationFacts, ids: ReadonlySet<string>): StationFacts {
  if (!ids.has(station.deviceId)) return station;
  return {
    ...station,
    points: station.points.map((point) => ({ ...point, good: point.good.map(() => plenty) })),
  };
}

/** The item as it would be with these members delivering; as it is where a person decides it by a claim. */
export function supposedItem(entry: MeasuredItem, members: ReadonlySet<string>): MeasuredItem {
  const { item, derivation, facts, claims } = entry;
  if (claims !== null || !entry.members.some(({ deviceId }) => members.has(deviceId))) return entry;
  const next = supposed(facts, members);
  const measurement = derivation.derive(next, item);
  return { ...entry, facts: next, measurement, score: score(item, measurement) };
}

export function supposedScore(entry: MeasuredItem, members: ReadonlySet<string>): Score {
  return supposedItem(entry, members).score;
}

/** What an item would earn with these functions proven, too; null where more than functions decides. */
export function supposedFunctions(entry: MeasuredItem, ids: ReadonlySet<string>): Score | null {
  const { item, measurement, claims } = entry;
  const functions = measurement.functions ?? [];
  if (claims !== null || item.bands.length === 0 || item.deduction !== undefined) return null;
  if (item.records !== undefined || (entry.derivation.id !== parts.id && !wouldDecide(entry, ids)))
    return null;
  const proven = functions.map((own) => (ids.has(own.id) ? { ...own, state: 'proven' as const } : own));
  const sufficient = { ...measurement, verdict: 'sufficient' as const, missing: [], functions: proven };
  if (entry.derivation.id === parts.id) {
    const states = proven.map(({ id, state }) => ({ id, proven: state === 'proven', lacking: false }));
    const { grade } = bandOf(item, states);
    return grade === null ? null : score(item, { ...sufficient, grade });
  }
  if (item.bands.some(({ ranges }) => ranges.some(({ unit }) => unit === 'functions'))) {
    const value = proven.filter(({ state }) => state === 'proven').length;
    return score(item, { ...sufficient, value });
  }
  if (item.bands.some(({ ranges }) => ranges.length > 0)) return null;
  // An item that accepts any one of its functions has its band named by the measure.
  const best = item.graded ? item.bands[0]?.id : undefined;
  return score(item, best === undefined ? sufficient : { ...sufficient, grade: best });
}

/**
 * Whether the verdict would be there with these functions proven: what else is missing (days that nobody watched, say) is not
 * made good by it, and of an item that is earned whole or not at all every function has to be known.
 */
function wouldDecide(
  { item, measurement: { verdict, missing } }: MeasuredItem,
  ids: ReadonlySet<string>,
): boolean {
  if (verdict === 'sufficient') return true;
  const open = missing.map(({ zh }) => item.functions.find(({ name }) => zh.startsWith(`${name.zh}：`)));
  if (open.length === 0 || open.includes(undefined)) return false;
  const isMade = (each: (typeof open)[number]) => each !== undefined && ids.has(each.id);
  return item.kind === 'boolean' ? open.every(isMade) : open.some(isMade);
}

/** One number for a score: by our convention inside a range, else its lower end; nothing for what is undetermined. */
export function worth({ points, conventionPoints }: Pick<Score, 'points' | 'conventionPoints'>): number {
  return points === null ? 0 : (conventionPoints ?? points.min);
}
