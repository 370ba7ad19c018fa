import type { EUInformation, NodeIdLike } from 'node-opcua';
import type { Line } from './line.ts';

/** Part 8, 5.6.3: a property of analog variables. */
const propertyName = { namespaceIndex: 0, name: 'EngineeringUnits' };

/** The units in which a server gives variables, in its own words; null where it tells none. Two questions for all of them. */
export async function readUnits(
  { opcua, session }: Line,
  variables: readonly NodeIdLike[],
): Promise<(string | null)[]> {
  const units: (string | null)[] = variables.map(() => null);
  if (variables.length === 0) return units;
  const paths = await session.translateBrowsePath(
    variables.map((startingNode) => ({
      startingNode: opcua.resolveNodeId(startingNode),
      relativePath: {
        elements: [
          {
            referenceTypeId: opcua.resolveNodeId(`i=${opcua.ReferenceTypeIds.HasProperty}`),
            isInverse: false,
            includeSubtypes: true,
            targetName: propertyName,
          },
        ],
      },
    })),
  );
  const found = paths.flatMap(({ targets }, index) => {
    const nodeId = targets?.[0]?.targetId;
    return nodeId === undefined ? [] : [{ index, nodeId }];
  });
  if (found.length === 0) return units;
  const read = await session.read(
    found.map(({ nodeId }) => ({ nodeId, attributeId: opcua.AttributeIds.Value })),
  );
  found.forEach(({ index }, at) => {
    const told = read[at]?.value.value as Partial<EUInformation> | null | undefined;
    units[index] = told?.displayName?.text ?? null;
  });
  return units;
}
