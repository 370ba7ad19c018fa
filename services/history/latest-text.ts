import { pointKey } from '#schemas/ids.ts';
import { qualityWord } from '#schemas/reading.ts';
import type { PointInfo } from '#schemas/registry.ts';
import type { LatestRow } from './store.ts';

/** What stays the same of a point's line as long as its registration does. */
interface Frame {
  readonly head: string;
  readonly unit: string;
  readonly tail: string;
  /** A value as the key of an object is made a text first: only points with states pay for that. */
  readonly hasStates: boolean;
}

export interface NewestReadings {
  readonly points: readonly PointInfo[];
  /** Of each point, in the same order; null and undefined where it has none. */
  readonly rows: readonly (LatestRow | null | undefined)[];
  readonly nowMs: number;
}

const qualityTexts = ([0, 1, 2] as const).map((code) => `,"quality":"${qualityWord(code)}"`);

/** Writes the answer of GET /latest (`latestAnswer`) as JSON. */
export type LatestText = (newest: NewestReadings) => string;

/**
 * A whole park is asked for by every screen that opens, while readings are stored: the text is made in one pass from the
 * columns, without an object a point, and what does not change of a point is remembered as long as its registration.
 */
export function createLatestText(): LatestText {
  const frames = new WeakMap<PointInfo, Frame>();
  const frameOf = (point: PointInfo): Frame => {
    const known = frames.get(point);
    if (known !== undefined) return known;
    const frame = {
      head: `{"point":${JSON.stringify(pointKey(point.deviceId, point.metric))},"time":"`,
      unit: `,"unit":${JSON.stringify(point.unit)}`,
      tail: `,"provenance":${JSON.stringify(point.provenance)},"ageS":`,
      hasStates: Object.keys(point.states).length > 0,
    };
    frames.set(point, frame);
    return frame;
  };
  return ({ points, rows, nowMs }) => {
    // Joined once: a text that grows by pieces is a tree of them, which costs as much again to make flat.
    const pieces = ['{"items":['];
    let separator = '';
    let timeMs = NaN;
    let time = '';
    let age = '';
    for (const [place, point] of points.entries()) {
      const row = rows[place];
      if (row === undefined || row === null) continue;
      // What a device tells in one message has one time.
      if (row.timeMs !== timeMs) {
        timeMs = row.timeMs;
        time = `${new Date(timeMs).toISOString()}","value":`;
        age = `${Math.max(0, Math.round(nowMs - timeMs)) / 1e3}}`;
      }
      const { head, unit, tail, hasStates } = frameOf(point);
      const state = hasStates ? point.states[row.value] : undefined;
      pieces.push(separator, head, time, String(row.value), qualityTexts[row.quality] ?? '', unit);
      if (state !== undefined) pieces.push(`,"state":${JSON.stringify(state)}`);
      pieces.push(tail, age);
      separator = ',';
    }
    pieces.push('],"nextCursor":null}');
    return pieces.join('');
  };
}
