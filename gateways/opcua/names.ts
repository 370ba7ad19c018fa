/** Node ids as people write them (namespace URI) and as a server numbers them now. Pure. */

/** `nsu=URI;s=x` as `ns=2;s=x` of this server; null when it has no such namespace. */
export function indexedNodeId(nodeId: string, namespaces: readonly string[]): string | null {
  const match = /^nsu=([^;]+);(.+)$/.exec(nodeId);
  if (match === null) return nodeId;
  const index = namespaces.indexOf(match[1] ?? '');
  return index < 0 ? null : `ns=${index};${match[2]}`;
}

/** `ns=2;s=x` of this server as `nsu=URI;s=x`; null when the index stands for no namespace. */
export function namedNodeId(nodeId: string, namespaces: readonly string[]): string | null {
  const match = /^ns=(\d+);(.+)$/s.exec(nodeId);
  if (match === null) return nodeId;
  const index = Number(match[1]);
  if (index === 0) return match[2] ?? null;
  const uri = namespaces[index];
  return uri === undefined ? null : `nsu=${uri};${match[2]}`;
}
