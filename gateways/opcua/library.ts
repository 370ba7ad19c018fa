import type { DataValue } from 'node-opcua';
import type { Log } from '#infra/log.ts';
import type { OpcuaNode } from '#schemas/opcua.ts';
import { isPlain, type DeviceValues } from './columns.ts';
import type { OpcuaValue } from './decode.ts';

export type Opcua = typeof import('node-opcua');

/** node-opcua, loaded when the first server is; it writes to the console unless told where else. */
export async function loadOpcua(log: Log): Promise<Opcua> {
  const opcua = await import('node-opcua');
  const quiet = (...parts: unknown[]) => {
    // The first part is the library's own context, an object.
    const text = parts.filter((part) => typeof part === 'string').join(' ');
    log.debug({ library: 'node-opcua' }, text);
  };
  opcua.setErrorLogger(quiet);
  opcua.setWarningLogger(quiet);
  opcua.setDebugLogger(quiet);
  return opcua;
}

/** Adds a value, freed of the library's types. */
export function addValue(
  values: DeviceValues,
  opcua: Opcua,
  { node, dataValue }: { readonly node: OpcuaNode; readonly dataValue: DataValue },
): void {
  const { value: variant, statusCode, sourceTimestamp, serverTimestamp } = dataValue;
  const value = variant.value as unknown;
  const code = statusCode.value;
  const columns = values.of(node);
  columns.values.push(value);
  columns.statusCodes.push(code);
  columns.sourceTimesMs.push(timeOf(sourceTimestamp));
  columns.serverTimesMs.push(timeOf(serverTimestamp));
  columns.details.push(isPlain(value, code) ? null : plainDataValue(opcua, dataValue));
}

/** A value freed of the library's types. */
export function plainDataValue(opcua: Opcua, dataValue: DataValue): OpcuaValue {
  const { value, statusCode, sourceTimestamp, serverTimestamp } = dataValue;
  return {
    value: value.value as unknown,
    dataType: opcua.DataType[value.dataType],
    isArray: value.arrayType !== opcua.VariantArrayType.Scalar,
    statusCode: statusCode.value,
    statusName: statusCode.name,
    sourceTimeMs: givenTime(sourceTimestamp),
    serverTimeMs: givenTime(serverTimestamp),
  };
}

/** 1601-01-01 is how OPC UA spells "no time". */
const noTimeMs = Date.UTC(1601, 0, 2);

/** Epoch milliseconds; NaN for no time. */
function timeOf(time: Date | null): number {
  const timeMs = time?.getTime() ?? Number.NaN;
  return timeMs <= noTimeMs ? Number.NaN : timeMs;
}

function givenTime(time: Date | null): number | null {
  const timeMs = timeOf(time);
  return Number.isNaN(timeMs) ? null : timeMs;
}
