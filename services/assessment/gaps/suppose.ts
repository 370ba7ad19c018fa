import type { Score } from '#schemas/assessment.ts';
import type { MeasuredItem } from '../assess.ts';
import type { LiveMarks } from '../live.ts';
import type { Facts } from '../measure.ts';
import type { StationFacts } from '../measures/environment-monitoring/derive.ts';
import type { MeterFacts } from '../measures/remote-metering/derive.ts';
import type { PictureFacts } from '../measures/video-quality/derive.ts';
import type { CameraFacts } from '../measures/video-retention/derive.ts';
import { score } from '../score.ts';

/** What would be earned if some members had delivered all the time: pure, nothing of it is ever stored. */

type Camera = CameraFacts | PictureFacts;

/** The parts of facts that tell what members delivered, whatever the measure. */
interface SupposableFacts extends Facts {
  readonly meters?: readonly MeterFacts[];
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
  const given = facts as SupposableFacts;
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

/** What an item would earn; its score as it is where a person decides it by a claim. */
export function supposedScore(entry: MeasuredItem, members: ReadonlySet<string>): Score {
  const { item, derivation, facts, claims } = entry;
  if (claims !== null || !entry.members.some(({ deviceId }) => members.has(deviceId))) return entry.score;
  return score(item, derivation.derive(supposed(facts, members), item));
}

/** What an item of functions alone would earn with one more proven; null where more than functions decides. */
export function supposedFunction(entry: MeasuredItem, functionId: string): Score | null {
  const { item, measurement, claims } = entry;
  const functions = measurement.functions ?? [];
  const decided = item.bands.some(({ ranges }) => ranges.length > 0) || item.graded;
  if (claims !== null || decided || item.bands.length === 0 || item.deduction !== undefined) return null;
  if (!wouldDecide(entry, functionId)) return null;
  return score(item, {
    ...measurement,
    verdict: 'sufficient',
    missing: [],
    functions: functions.map((entryOf) =>
      entryOf.id === functionId ? { ...entryOf, state: 'proven' } : entryOf,
    ),
  });
}

/**
 * Whether the verdict would be there with this function proven: what else is missing (days that nobody watched, say) is not
 * made good by it, and of an item that is earned whole or not at all every function has to be known.
 */
function wouldDecide({ item, measurement: { verdict, missing } }: MeasuredItem, functionId: string): boolean {
  if (verdict === 'sufficient') return true;
  const open = missing.map(({ zh }) => item.functions.find(({ name }) => zh.startsWith(`${name.zh}：`)));
  if (open.length === 0 || open.includes(undefined)) return false;
  return item.kind === 'boolean'
    ? open.every((each) => each?.id === functionId)
    : open.some((each) => each?.id === functionId);
}

/** One number for a score: by our convention inside a range, else its lower end; nothing for what is undetermined. */
export function worth({ points, conventionPoints }: Pick<Score, 'points' | 'conventionPoints'>): number {
  return points === null ? 0 : (conventionPoints ?? points.min);
}
