import type { BrowsedNode, OpcuaBrowseAnswer } from '#schemas/api/opcua.ts';
import type { Candidate } from './guess.ts';

/** Finds the variables below chosen nodes, level by level, as the server tells them. */
export const gatherLimits = {
  /** As many as one request maps. */
  variables: 1_000,
  objects: 500,
  depth: 8,
  /** Questions to the server at a time. */
  atOnce: 4,
} as const;

/** A chosen node with the names above it. */
export interface Start {
  readonly node: BrowsedNode;
  readonly path: readonly string[];
}

export interface Gathered {
  readonly candidates: readonly Candidate[];
  /** There is more than the limits let through. */
  readonly isCut: boolean;
}

export interface GatherOptions {
  readonly browse: (asked: { nodeId: string; cursor?: string }) => Promise<OpcuaBrowseAnswer>;
  readonly onProgress: (found: { readonly variables: number; readonly objects: number }) => void;
  /** Aborted when enough was found, or nobody waits any more. */
  readonly signal: AbortSignal;
}

/** Variables that can become points; what describes other nodes is left out, each node is there once. */
export async function gather(starts: readonly Start[], options: GatherOptions): Promise<Gathered> {
  const { onProgress, signal } = options;
  const candidates = new Map<string, Candidate>();
  const seen = new Set<string>();
  let isCut = false;
  let level = starts;
  for (let depth = 0; level.length > 0 && !signal.aborted; depth++) {
    const objects: Start[] = [];
    for (const { node, path } of level) {
      const { nodeId, name, nodeClass, isMappable, isProperty, dataType, value, unit } = node;
      if (nodeClass === 'variable' && isMappable && (!isProperty || depth === 0))
        candidates.set(nodeId, { nodeId, name, path, dataType, value, unit });
      if (nodeClass !== 'object' || seen.has(nodeId)) continue;
      seen.add(nodeId);
      objects.push({ node, path });
    }
    onProgress({ variables: candidates.size, objects: seen.size });
    const isFull = candidates.size >= gatherLimits.variables || seen.size > gatherLimits.objects;
    if (isFull || depth === gatherLimits.depth) {
      isCut = objects.length > 0 || candidates.size > gatherLimits.variables;
      break;
    }
    level = await below(objects, options);
  }
  return {
    candidates: [...candidates.values()].slice(0, gatherLimits.variables),
    isCut: isCut || signal.aborted,
  };
}

async function below(objects: readonly Start[], { browse, signal }: GatherOptions): Promise<Start[]> {
  const found: Start[][] = objects.map(() => []);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < objects.length && !signal.aborted; at = next++) {
      const object = objects[at];
      if (object === undefined) return;
      const { nodeId, name } = object.node;
      const path = [...object.path, name];
      let cursor: string | null = null;
      do {
        const page: OpcuaBrowseAnswer = await browse(cursor === null ? { nodeId } : { nodeId, cursor });
        found[at]?.push(...page.items.map((node) => ({ node, path })));
        cursor = page.nextCursor;
      } while (cursor !== null && !signal.aborted);
    }
  };
  await Promise.all(Array.from({ length: gatherLimits.atOnce }, work));
  return found.flat();
}
