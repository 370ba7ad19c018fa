import type { UseQueryResult } from '@tanstack/react-query';
import type { TableColumnsType } from 'antd';
import { Table } from 'antd';
import { useScale } from '../app/theme.ts';
import { Panel } from './page.tsx';
import { scaledColumns } from './scaled-columns.ts';
import { EmptyState, Loaded } from './states.tsx';

/** Narrower than this the list scrolls sideways, px. */
const narrowest = 900;

interface FlushTableProps<T> {
  readonly query: UseQueryResult<{ readonly items: readonly T[] }>;
  readonly rowKey: keyof T & string;
  /** Widths as on an ordinary screen, px; a very large one draws them larger. */
  readonly columns: TableColumnsType<T>;
  /** What there is not, and what to do about it. */
  readonly empty: { readonly title: string; readonly hint: string };
}

/** A list that fills its panel from edge to edge: few rows, all of them there. */
export function FlushTable<T extends object>({ query, rowKey, columns, empty }: FlushTableProps<T>) {
  const scale = useScale();
  return (
    <Panel flush>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState {...empty} />
          ) : (
            <Table<T>
              size="small"
              rowKey={rowKey}
              pagination={false}
              scroll={{ x: narrowest * scale }}
              dataSource={[...items]}
              columns={scaledColumns(columns, scale)}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
