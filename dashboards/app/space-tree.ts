import type { Space } from './api.ts';

/** Names in their natural order: A座2层 before A座10层. */
const { compare } = new Intl.Collator('zh-CN', { numeric: true });

export interface SpaceNode {
  readonly key: string;
  readonly value: string;
  readonly title: string;
  readonly space: Space;
  readonly children: SpaceNode[];
}

/** The tree of a park from its flat list; a space whose parent is not in the list stands at the top. */
export function spaceTree(spaces: readonly Space[]): SpaceNode[] {
  const nodes = new Map(
    spaces.map((space): [string, SpaceNode] => [
      space.id,
      { key: space.id, value: space.id, title: space.name, space, children: [] },
    ]),
  );
  const roots: SpaceNode[] = [];
  for (const node of nodes.values()) {
    const parent = node.space.parentId === null ? undefined : nodes.get(node.space.parentId);
    (parent?.children ?? roots).push(node);
  }
  for (const siblings of [roots, ...[...nodes.values()].map(({ children }) => children)]) {
    siblings.sort((a, b) => compare(a.title, b.title));
  }
  return roots;
}
