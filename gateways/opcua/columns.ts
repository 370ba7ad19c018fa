import type { OpcuaNode } from '#schemas/opcua.ts';
import type { OpcuaValue } from './decode.ts';

/** Values of one device as they came, in columns: they come by the ten thousand a second and wait for their commit. */
export interface ValueColumns {
  readonly nodes: OpcuaNode[];
  readonly values: unknown[];
  readonly statusCodes: number[];
  /** Epoch milliseconds; NaN when the server gave none. */
  readonly sourceTimesMs: number[];
  readonly serverTimesMs: number[];
  /** What else is known of a value; null where it is a plain number, text or boolean with status good. */
  readonly details: (ValueDetail | null)[];
}

export type ValueDetail = Pick<OpcuaValue, 'dataType' | 'isArray' | 'statusName'>;

const plain: ValueDetail = { dataType: '', isArray: false, statusName: 'Good' };

export function emptyColumns(): ValueColumns {
  return { nodes: [], values: [], statusCodes: [], sourceTimesMs: [], serverTimesMs: [], details: [] };
}

/** Whether nothing has to be known of a value beside itself. */
export function isPlain(value: unknown, statusCode: number): boolean {
  if (statusCode !== 0) return false;
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'boolean' || typeof value === 'string';
}

/** One value of the columns. */
export function valueAt(columns: ValueColumns, row: number): OpcuaValue {
  const { dataType, isArray, statusName } = columns.details[row] ?? plain;
  return {
    value: columns.values[row],
    dataType,
    isArray,
    statusCode: columns.statusCodes[row] ?? 0,
    statusName,
    sourceTimeMs: given(columns.sourceTimesMs[row]),
    serverTimeMs: given(columns.serverTimesMs[row]),
  };
}

function given(timeMs: number | undefined): number | null {
  return timeMs === undefined || Number.isNaN(timeMs) ? null : timeMs;
}

/** Values of a notification or of a page of history, by device. */
export class DeviceValues {
  readonly byDevice = new Map<string, ValueColumns>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The columns that a value of the node belongs to; the caller fills every one of them. */
  of(node: OpcuaNode): ValueColumns {
    this.#count++;
    let columns = this.byDevice.get(node.deviceId);
    if (columns === undefined) {
      columns = emptyColumns();
      this.byDevice.set(node.deviceId, columns);
    }
    columns.nodes.push(node);
    return columns;
  }
}
