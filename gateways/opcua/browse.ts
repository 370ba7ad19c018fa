import type { BrowseResult, DataValue, ReferenceDescription } from 'node-opcua';
import { opcuaApiLimits, type BrowsedNode, type OpcuaBrowseAnswer } from '#schemas/api/opcua.ts';
import { ParkError } from '#schemas/errors.ts';
import { readUnits } from './engineering-units.ts';
import { plainDataValue, type Opcua } from './library.ts';
import type { Line } from './line.ts';
import { indexedNodeId, namedNodeId } from './names.ts';

/** The children of a node, a page at a time; more than a page is kept at the server, under the answer's cursor. */
export async function browse(
  line: Line,
  { nodeId, cursor }: { readonly nodeId: string; readonly cursor?: string | undefined },
): Promise<OpcuaBrowseAnswer> {
  const { namespaces } = line;
  const result = cursor === undefined ? await first(line, nodeId) : await following(line, cursor);
  if (result.statusCode.isNotGood()) throw refusal(result.statusCode.name, nodeId);
  const children = (result.references ?? []).slice(0, opcuaApiLimits.browsed);
  const [values, units] = [await readValues(line, children), await unitsOf(line, children)];
  const items = children.flatMap((child, index) => {
    const named = namedNodeId(child.nodeId.toString(), namespaces);
    const unit = units.get(child) ?? null;
    return named === null ? [] : [describe(line, { child, nodeId: named, value: values[index], unit })];
  });
  const point = result.continuationPoint;
  const isMore = point !== null && point !== undefined && point.length > 0;
  return { items, nextCursor: isMore ? point.toString('base64url') : null };
}

async function first({ opcua, session, namespaces }: Line, nodeId: string): Promise<BrowseResult> {
  const indexed = indexedNodeId(nodeId, namespaces);
  if (indexed === null) throw new ParkError('not-found', `The server has no namespace of ${nodeId}.`);
  const { NodeClassMask, BrowseDirection, ReferenceTypeIds } = opcua;
  session.requestedMaxReferencesPerNode = opcuaApiLimits.browsed;
  return session.browse({
    nodeId: indexed,
    browseDirection: BrowseDirection.Forward,
    referenceTypeId: opcua.resolveNodeId(`i=${ReferenceTypeIds.HierarchicalReferences}`),
    includeSubtypes: true,
    nodeClassMask: NodeClassMask.Object | NodeClassMask.Variable | NodeClassMask.Method,
    resultMask: 63,
  });
}

function following({ session }: Line, cursor: string): Promise<BrowseResult> {
  return session.browseNext(Buffer.from(cursor, 'base64url'), false);
}

function refusal(status: string, nodeId: string): ParkError {
  if (status === 'BadContinuationPointInvalid')
    return new ParkError('conflict', 'The server no longer keeps what follows; browse the node again.');
  if (status === 'BadNodeIdUnknown') return new ParkError('not-found', `The server has no node ${nodeId}.`);
  return new ParkError('conflict', `The server refuses to browse ${nodeId}: ${status}.`);
}

/** The library declares the classes twice: they are compared as numbers. */
function isVariable(opcua: Opcua, nodeClass: number): boolean {
  const variable: number = opcua.NodeClass.Variable;
  return nodeClass === variable;
}

/** The values of the variables among them; undefined for others. */
async function readValues(
  { opcua, session }: Line,
  children: readonly ReferenceDescription[],
): Promise<(DataValue | undefined)[]> {
  const variables = children.flatMap(({ nodeClass, nodeId }, index) =>
    isVariable(opcua, nodeClass) ? [{ index, nodeId }] : [],
  );
  const values: (DataValue | undefined)[] = children.map(() => undefined);
  if (variables.length === 0) return values;
  const read = await session.read(
    variables.map(({ nodeId }) => ({ nodeId, attributeId: opcua.AttributeIds.Value })),
  );
  variables.forEach(({ index }, at) => {
    values[index] = read[at];
  });
  return values;
}

/** Only variables of a type of their own have units: properties are what has none. A server that refuses has told none. */
async function unitsOf(
  line: Line,
  children: readonly ReferenceDescription[],
): Promise<ReadonlyMap<ReferenceDescription, string | null>> {
  const variables = children.filter((child) => isVariable(line.opcua, child.nodeClass) && !isProperty(child));
  const units = await readUnits(
    line,
    variables.map(({ nodeId }) => nodeId),
  ).catch(() => []);
  return new Map(variables.map((child, index) => [child, units[index] ?? null]));
}

/** PropertyType: it describes the node above and is no measurement. */
function isProperty({ typeDefinition }: ReferenceDescription): boolean {
  return typeDefinition.namespace === 0 && typeDefinition.value === 68;
}

const classNames = { 1: 'object', 2: 'variable', 4: 'method' } as const;
const shownLength = 120;

function describe(
  { opcua }: Line,
  of: {
    readonly child: ReferenceDescription;
    readonly nodeId: string;
    readonly value: DataValue | undefined;
    readonly unit: string | null;
  },
): BrowsedNode {
  const { child, nodeId, value, unit } = of;
  const plain = value === undefined ? null : plainDataValue(opcua, value);
  const isPlain = plain !== null && !plain.isArray && mappable.has(plain.dataType);
  return {
    nodeId,
    name: child.displayName.text ?? child.browseName.name ?? nodeId,
    nodeClass: classNames[child.nodeClass as keyof typeof classNames] ?? 'object',
    dataType:
      plain === null || plain.dataType === 'Null' ? null : plain.dataType + (plain.isArray ? '[]' : ''),
    value: isPlain ? shown(plain.value) : null,
    status: plain?.statusName ?? null,
    isMappable: isPlain,
    isProperty: isProperty(child),
    unit,
  };
}

/** What a point can be made of (decode.ts). */
const mappable = new Set([
  'Boolean',
  'SByte',
  'Byte',
  'Int16',
  'UInt16',
  'Int32',
  'UInt32',
  'Int64',
  'UInt64',
  'Float',
  'Double',
  'String',
]);

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.slice(0, shownLength);
}
