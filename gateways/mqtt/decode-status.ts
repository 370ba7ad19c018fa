import { say } from '#schemas/phrases.ts';
import type { PacketContent } from '#schemas/reading.ts';
import { judgeTime, shown } from '../normalise.ts';
import { isObject, refuse } from './shape.ts';

/** Reads the JSON form of a status; the bare text form is read before, in decode.ts, where the grammar stands. */
export function decodeStatus(json: unknown, receivedAtMs: number): PacketContent {
  if (!isObject(json)) return refuse('wrong-shape', say('status-other', { given: shown(json) }));
  for (const key of Object.keys(json)) {
    if (key !== 'status' && key !== 'ts') {
      return refuse(
        'unknown-field',
        say('field-unknown', { place: 'status', field: shown(key), known: 'status, ts' }),
      );
    }
  }
  const { status, ts } = json;
  if (status !== 'online' && status !== 'offline') {
    return refuse('wrong-shape', say('status-other', { given: shown(status) }));
  }
  if (ts === undefined) return { kind: 'status', status, timeMs: receivedAtMs };
  const time = judgeTime(ts, receivedAtMs);
  // A status is one fact: it has no values that could be judged apart from its time.
  return time.ok ? { kind: 'status', status, timeMs: time.timeMs } : refuse('wrong-shape', time.detail);
}
