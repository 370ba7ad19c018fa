import { isReservedTopic, type TopicPattern } from '#schemas/mapping-topic.ts';

/** Finds what is meant for a topic among many patterns, level by level. */
export interface TopicTree<T> {
  /** In the order they were given; empty for topics of ours or of the broker. */
  find(topicParts: readonly string[], topic: string): readonly T[];
}

interface Node {
  readonly children: Map<string, Node>;
  /** Places in the list of patterns that end here. */
  readonly here: number[];
  /** Places of patterns that end with "#" here: they take this level and all below. */
  readonly below: number[];
}

const newNode = (): Node => ({ children: new Map(), here: [], below: [] });

export function createTopicTree<T extends { readonly topic: TopicPattern }>(
  entries: readonly T[],
): TopicTree<T> {
  const root = newNode();
  entries.forEach(({ topic: { levels } }, place) => {
    let node = root;
    for (const level of levels) {
      if (level === '#') {
        node.below.push(place);
        return;
      }
      const next = node.children.get(level) ?? newNode();
      node.children.set(level, next);
      node = next;
    }
    node.here.push(place);
  });
  return {
    find(topicParts, topic) {
      if (isReservedTopic(topic)) return [];
      const places: number[] = [];
      collect(root, topicParts, 0, places);
      return places.sort((a, b) => a - b).flatMap((place) => entries[place] ?? []);
    },
  };
}

/** As deep as the patterns are, however long the topic is. */
function collect(node: Node, parts: readonly string[], depth: number, places: number[]): void {
  places.push(...node.below);
  const level = parts[depth];
  if (level === undefined) {
    places.push(...node.here);
    return;
  }
  const same = node.children.get(level);
  // "+" and "#" are never levels of a topic that was published.
  if (same !== undefined && level !== '+') collect(same, parts, depth + 1, places);
  const any = node.children.get('+');
  if (any !== undefined) collect(any, parts, depth + 1, places);
}
