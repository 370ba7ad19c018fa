import { useState } from 'react';
import { Button, Tree } from 'antd';
import type { BrowsedNode } from '#schemas/api/opcua.ts';
import { useWords } from '../../app/i18n.ts';
import { opcuaApi } from '../../app/opcua-api.ts';
import { useNotify } from '../../components/notify.ts';

/** A node of the server as it stands in the tree. */
export interface TreeNode {
  readonly key: string;
  readonly title: string;
  readonly isLeaf: boolean;
  /** Null for the root, and for "load more". */
  readonly browsed: BrowsedNode | null;
  /** Node id of the object above. */
  readonly parentId: string;
  /** Of a "load more". */
  readonly cursor: string | null;
  /** Names of the objects above, the outermost first; without the root. */
  readonly path: readonly string[];
  /** Whether it can be one of several that are mapped together. */
  readonly checkable: boolean;
  readonly children?: TreeNode[];
}

const rootId = 'i=85';

function toTree(
  parentKey: string,
  { parentId, path }: Pick<TreeNode, 'parentId' | 'path'>,
  items: readonly BrowsedNode[],
): TreeNode[] {
  return items.map((browsed, index) => ({
    // A node may hang under several others.
    key: `${parentKey}/${index}:${browsed.nodeId}`,
    title: browsed.name,
    isLeaf: browsed.nodeClass === 'method',
    browsed,
    parentId,
    cursor: null,
    path,
    checkable: browsed.nodeClass === 'object' || browsed.isMappable,
  }));
}

/** The tree with other children of one node. */
function withChildren(nodes: readonly TreeNode[], key: string, children: TreeNode[]): TreeNode[] {
  return nodes.map((node) => {
    if (node.key === key) return { ...node, children };
    if (node.children === undefined || !key.startsWith(`${node.key}/`)) return node;
    return { ...node, children: withChildren(node.children, key, children) };
  });
}

function Title({ node }: { node: TreeNode }) {
  const { browsed, title } = node;
  if (browsed === null) return <span className="soft">{title}</span>;
  const { nodeClass, value, status, dataType } = browsed;
  return (
    <span className="row">
      <span>{title}</span>
      {nodeClass === 'method' ? <span className="tag">ƒ</span> : null}
      {nodeClass === 'variable' ? (
        <span className="soft small num">
          {value ?? dataType ?? '—'}
          {status === null || status === 'Good' ? '' : ` (${status})`}
        </span>
      ) : null}
    </span>
  );
}

interface ServerTreeProps {
  readonly serverId: string;
  readonly onSelect: (node: TreeNode | null) => void;
  /** Several nodes are chosen, and what is done with them; absent: one at a time only. */
  readonly many?: {
    readonly chosen: readonly TreeNode[];
    readonly onChange: (chosen: readonly TreeNode[]) => void;
  };
}

/** What the server has, one level at a time, as somebody unfolds it. */
export function ServerTree({ serverId, onSelect, many }: ServerTreeProps) {
  const t = useWords();
  const notify = useNotify();
  const root: TreeNode = {
    key: 'root',
    title: t('opcua.root'),
    isLeaf: false,
    browsed: null,
    parentId: rootId,
    cursor: null,
    path: [],
    checkable: false,
  };
  const [nodes, setNodes] = useState<TreeNode[]>([root]);
  const [unfolded, setUnfolded] = useState<readonly string[]>([]);
  const load = async (parent: TreeNode, more: TreeNode | null): Promise<void> => {
    const nodeId = parent.browsed?.nodeId ?? rootId;
    try {
      const { items, nextCursor } = await opcuaApi.browse(
        serverId,
        more?.cursor == null ? { nodeId } : { nodeId, cursor: more.cursor },
      );
      const known = more === null ? [] : (parent.children ?? []).filter(({ cursor }) => cursor === null);
      const path = parent.browsed === null ? [] : [...parent.path, parent.title];
      const fresh = toTree(`${parent.key}/${known.length}`, { parentId: nodeId, path }, items);
      const rest: TreeNode[] =
        nextCursor === null
          ? []
          : [
              {
                key: `${parent.key}/more`,
                title: t('opcua.more'),
                isLeaf: true,
                browsed: null,
                parentId: nodeId,
                cursor: nextCursor,
                path,
                checkable: false,
              },
            ];
      setNodes((now) => withChildren(now, parent.key, [...known, ...fresh, ...rest]));
    } catch (error) {
      notify.failed(error);
      // Folded again: unfolding it is another attempt.
      setUnfolded((now) => now.filter((key) => key !== parent.key));
      throw error;
    }
  };
  return (
    <>
      <div className="row">
        <span className="soft small">{t('opcua.treeHint')}</span>
        <span className="grow" />
        <Button
          size="small"
          onClick={() => {
            setNodes([root]);
            setUnfolded([]);
            onSelect(null);
            many?.onChange([]);
          }}
        >
          {t('opcua.reload')}
        </Button>
      </div>
      <Tree<TreeNode>
        blockNode
        treeData={nodes}
        expandedKeys={[...unfolded]}
        {...(many === undefined
          ? {}
          : {
              checkable: true,
              // A folder stands for everything below it, also what is not unfolded.
              checkStrictly: true,
              checkedKeys: many.chosen.map(({ key }) => key),
              onCheck: (_: unknown, { checkedNodes }: { checkedNodes: TreeNode[] }) =>
                many.onChange(checkedNodes),
            })}
        onExpand={(expanded) => setUnfolded(expanded.map(String))}
        loadData={(node) => (node.children === undefined ? load(node, null) : Promise.resolve())}
        titleRender={(node) => <Title node={node} />}
        onSelect={(_, { node }) => {
          if (node.cursor === null) return onSelect(node.browsed === null ? null : node);
          const parent = findNode(nodes, node.key.slice(0, -'/more'.length));
          if (parent !== undefined) void load(parent, node).catch(() => undefined);
        }}
      />
    </>
  );
}

function findNode(nodes: readonly TreeNode[], key: string): TreeNode | undefined {
  for (const node of nodes) {
    if (node.key === key) return node;
    const below = key.startsWith(`${node.key}/`) ? findNode(node.children ?? [], key) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}
