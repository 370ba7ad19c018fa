import type { CallMethodResult, VariantOptions } from 'node-opcua';
import type { OpcuaCallAnswer } from '#schemas/api/opcua.ts';
import type { OpcuaMethod } from '#schemas/opcua.ts';
import type { Line } from './line.ts';
import { indexedNodeId } from './names.ts';

const detailLength = 200;

/** Calls a method; the server's status and what it gives back are the answer. @throws when the line breaks */
export async function callMethod(line: Line, method: OpcuaMethod): Promise<OpcuaCallAnswer> {
  const { opcua, session, namespaces } = line;
  const objectId = indexedNodeId(method.objectId, namespaces);
  const methodId = indexedNodeId(method.methodId, namespaces);
  if (objectId === null || methodId === null)
    return { ok: false, detail: 'the server has no such namespace' };
  const inputArguments: VariantOptions[] = method.arguments.map(({ dataType, value }) => ({
    dataType: opcua.DataType[dataType],
    value,
  }));
  return describeResult(await session.call({ objectId, methodId, inputArguments }));
}

export function describeResult({ statusCode, outputArguments }: CallMethodResult): OpcuaCallAnswer {
  const given = (outputArguments ?? []).map(({ value }) => shown(value));
  const detail = given.length === 0 ? statusCode.name : `${statusCode.name}: ${given.join(', ')}`;
  return { ok: statusCode.isGood(), detail: detail.slice(0, detailLength) };
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string')
    return value.text;
  return JSON.stringify(value) ?? '';
}
