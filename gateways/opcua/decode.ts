import { metricPattern } from '#schemas/ids.ts';
import { metricUnit } from '#schemas/opcua.ts';
import type { OpcuaNode } from '#schemas/opcua.ts';
import { say, type Phrase } from '#schemas/phrases.ts';
import type { RejectedValue, Sample, ValueReason } from '#schemas/reading.ts';
import { convert } from '#schemas/units.ts';
import { judgeTime, shown, untimedQuality } from '../normalise.ts';
import { qualityOf } from './quality.ts';

/** A value as an OPC UA server sent it, freed of the library's types. */
export interface OpcuaValue {
  readonly value: unknown;
  /** Of the variant, e.g. `Double`, `Int64` (a pair of 32-bit halves), `Null`. */
  readonly dataType: string;
  readonly isArray: boolean;
  readonly statusCode: number;
  readonly statusName: string;
  /** Epoch milliseconds; null when the server gave none. */
  readonly sourceTimeMs: number | null;
  readonly serverTimeMs: number | null;
}

export type DecodedValue =
  | { readonly ok: true; readonly sample: Sample }
  | { readonly ok: false; readonly rejected: RejectedValue };

/** Reads one value of a configured node. Pure. */
export function decodeValue(node: OpcuaNode, raw: OpcuaValue, receivedAtMs: number): DecodedValue {
  const reject = (reason: ValueReason, fault: Phrase): DecodedValue => ({
    ok: false,
    rejected: { metric: node.metric, reason, detail: say('of-node', { node: node.nodeId, fault }) },
  });
  const time = readTime(raw, receivedAtMs);
  if (!time.ok) return reject(time.reason, time.detail);
  const value = readValue(node, raw);
  if (!value.ok) return reject(value.reason, value.detail);
  const quality = qualityOf(raw.statusCode);
  return {
    ok: true,
    sample: {
      metric: node.metric,
      timeMs: time.timeMs,
      value: value.value,
      quality: time.fromSource ? quality : untimedQuality(quality),
      rev: 0,
      untimed: time.untimed,
    },
  };
}

type ReadTime =
  | { readonly ok: true; readonly timeMs: number; readonly fromSource: boolean; readonly untimed: boolean }
  | { readonly ok: false; readonly reason: ValueReason; readonly detail: Phrase };

/** The source's time where there is one; the server's says when it was told, not when it was. */
function readTime({ sourceTimeMs, serverTimeMs }: OpcuaValue, receivedAtMs: number): ReadTime {
  const given = sourceTimeMs ?? serverTimeMs;
  if (given === null) return { ok: true, timeMs: receivedAtMs, fromSource: false, untimed: true };
  const judged = judgeTime(given, receivedAtMs);
  if (!judged.ok) return judged;
  return { ok: true, timeMs: judged.timeMs, fromSource: sourceTimeMs !== null, untimed: false };
}

type ReadValue =
  | { readonly ok: true; readonly value: number | string }
  | { readonly ok: false; readonly reason: ValueReason; readonly detail: Phrase };

function readValue(node: OpcuaNode, raw: OpcuaValue): ReadValue {
  const plain = raw.isArray ? null : plainValue(raw);
  if (plain === null) {
    const said = { type: raw.dataType, status: raw.statusName };
    const detail = raw.isArray
      ? say('node-array', said)
      : say('node-type', { ...said, given: shown(raw.value) });
    return { ok: false, reason: 'not-a-number', detail };
  }
  if (node.states !== undefined) {
    const state = node.states[String(plain)];
    if (state !== undefined) return { ok: true, value: state };
    return { ok: false, reason: 'unknown-state', detail: say('node-state', { given: shown(plain) }) };
  }
  if (typeof plain === 'string') {
    if (metricPattern.test(plain)) return { ok: true, value: plain };
    return { ok: false, reason: 'not-a-number', detail: say('node-text', { given: shown(plain) }) };
  }
  const scaled = plain * (node.scale ?? 1);
  const target = node.unit === undefined ? null : metricUnit(node.metric);
  const converted = node.unit === undefined || target === null ? scaled : convert(scaled, node.unit, target);
  if (converted === null || !Number.isFinite(converted)) {
    return { ok: false, reason: 'not-a-number', detail: say('node-number', { given: shown(plain) }) };
  }
  return { ok: true, value: converted };
}

/** A number, a boolean as 0 or 1, or a text; null for everything else. */
function plainValue({ value, dataType }: OpcuaValue): number | string | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return value;
  if (dataType === 'Int64' || dataType === 'UInt64') return wide(value, dataType === 'Int64');
  return null;
}

/** A 64-bit integer of two unsigned halves; beyond 2^53 its last digits are lost, as in every float8. */
function wide(value: unknown, signed: boolean): number | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [high, low] = value as [number, number];
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return Number(signed ? BigInt.asIntN(64, bits) : bits);
}
