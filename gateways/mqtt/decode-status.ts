import type { PacketContent } from '#schemas/reading.ts';
import { judgeTime, shown } from '../normalise.ts';
import { isObject, refuse } from './shape.ts';

/** Reads the JSON form of a status; the bare text form is read before, in decode.ts, where the grammar stands. */
export function decodeStatus(json: unknown, receivedAtMs: number): PacketContent {
  if (!isObject(json))
    return refuse('wrong-shape', `status is ${shown(json)}, online or offline was expected`);
  for (const key of Object.keys(json)) {
    if (key !== 'status' && key !== 'ts') {
      return refuse('unknown-field', `a status has the field ${shown(key)}; it may have status and ts`);
    }
  }
  const { status, ts } = json;
  if (status !== 'online' && status !== 'offline') {
    return refuse('wrong-shape', `status is ${shown(status)}, online or offline was expected`);
  }
  if (ts === undefined) return { kind: 'status', status, timeMs: receivedAtMs };
  const time = judgeTime(ts, receivedAtMs);
  // A status is one fact: it has no values that could be judged apart from its time.
  return time.ok ? { kind: 'status', status, timeMs: time.timeMs } : refuse('wrong-shape', time.detail);
}
