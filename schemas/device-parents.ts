/** Attributes by which a device names one that stands above it. Two trees: neither may run in a circle. */
export const parentAttributes = {
  /** While the one above is away, it explains the silence of those below. */
  reach: ['parentId', 'gatewayId', 'recorderId'],
  /** What the meters below count is part of what the one above counts. */
  metering: ['parentMeterId'],
} as const;
export type ParentTree = keyof typeof parentAttributes;
export const parentTrees = ['reach', 'metering'] as const satisfies readonly ParentTree[];

/** The devices that attributes name as standing above, in one of the trees. */
export function parentsOf(attributes: Readonly<Record<string, unknown>>, tree: ParentTree): string[] {
  return parentAttributes[tree].flatMap((name) => {
    const id = attributes[name];
    return typeof id === 'string' && id !== '' ? [id] : [];
  });
}
