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
  readonly children?: TreeNode[];
}

const rootId = 'i=85';

function toTree(parentKey: string, parentId: string, items: readonly BrowsedNode[]): TreeNode[] {
  return items.map((browsed, index) => ({
    // A node may hang under several others.
    key: `${parentKey}/${index}:${browsed.nodeId}`,
    title: browsed.name,
    isLeaf: browsed.nodeClass === 'method',
    browsed,
    parentId,
    cursor: null,
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
}

/** What the server has, one level at a time, as somebody unfolds it. */
export function ServerTree({ serverId, onSelect }: ServerTreeProps) {
  const t = useWords();
  const notify = useNotify();
  const root: TreeNode = {
    key: 'root',
    title: t('opcua.root'),
    isLeaf: false,
    browsed: null,
    parentId: rootId,
    cursor: null,
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
      const fresh = toTree(`${parent.key}/${known.length}`, nodeId, items);
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
          }}
        >
          {t('opcua.reload')}
        </Button>
      </div>
      <Tree<TreeNode>
        blockNode
        treeData={nodes}
        expandedKeys={[...unfolded]}
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
