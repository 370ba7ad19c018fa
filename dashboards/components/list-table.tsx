import type { ReactNode } from 'react';
import { useEffect, useRef, useState } from 'react';
import type { TableColumnsType } from 'antd';
import { Button, Table } from 'antd';
import { useWords } from '../app/i18n.ts';
import type { Rows } from '../app/pages.ts';
import { useRowKeys } from '../app/row-keys.ts';
import { useSteady } from '../app/steady.ts';
import { useScale } from '../app/theme.ts';
import { scaledColumns } from './scaled-columns.ts';
import { Loaded } from './states.tsx';

interface ListTableProps<T> {
  readonly list: Rows<T>;
  /** Widths as on an ordinary screen, px; a very large one draws them larger. */
  readonly columns: TableColumnsType<T>;
  readonly empty: ReactNode;
  readonly onOpen?: (row: T) => void;
  readonly letters?: Readonly<Record<string, (row: T) => void>>;
  /** Narrower than this the list scrolls sideways, px. */
  readonly minWidth?: number;
  /** Keep the order while the pointer is over the rows. */
  readonly steady?: boolean;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of an element, renewed when it changes. */
function useSize(): [React.RefObject<HTMLDivElement | null>, Size] {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}

const defaultMinWidth = 700;
/** How close to its end a list asks for more, px. */
const nearEnd = 400;

/** A list of any length: only what is in view is drawn, more is read when the end comes near. */
export function ListTable<T extends { readonly id: string }>(props: ListTableProps<T>) {
  const { list } = props;
  return (
    <section className="panel flush list-body">
      <Loaded query={list}>
        {(rows) => (rows.length === 0 ? props.empty : <Filled {...props} rows={rows} />)}
      </Loaded>
    </section>
  );
}

function Filled<T extends { readonly id: string }>(props: ListTableProps<T> & { rows: readonly T[] }) {
  const { list, columns, onOpen, letters, steady, rows, minWidth = defaultMinWidth } = props;
  const t = useWords();
  const scale = useScale();
  const [box, size] = useSize();
  const [over, setOver] = useState(false);
  const { rows: held, fresh } = useSteady(rows, steady === true && over, list.list);
  const chosen = useRowKeys(held, { open: onOpen, letters });
  const heights = useHeights(box, size, rows);
  const nextIfNear = (target: HTMLElement) => {
    if (target.scrollHeight - target.scrollTop - target.clientHeight < nearEnd) list.more();
  };
  return (
    <>
      <div
        ref={box}
        className={onOpen === undefined ? 'fit' : 'fit clickable'}
        onPointerEnter={() => setOver(true)}
        onPointerLeave={() => setOver(false)}
      >
        {size.height === 0 ? null : (
          <Table<T>
            virtual
            size="small"
            rowKey="id"
            pagination={false}
            columns={scaledColumns(columns, scale)}
            dataSource={[...held]}
            scroll={{ x: Math.max(size.width, minWidth * scale), y: size.height - heights.head }}
            // A row that comes in at the top scrolls the list by what it is taller than this.
            {...{ listItemHeight: heights.row }}
            rowClassName={(_, index) => (index === chosen ? 'chosen' : '')}
            onRow={(row) => ({ onClick: (event) => open(event.target, () => onOpen?.(row)) })}
            onScroll={(event) => nextIfNear(event.currentTarget)}
          />
        )}
      </div>
      <div className="list-note row">
        <span className="num">
          {t(list.hasMore ? 'common.shownMore' : 'common.shown', { count: held.length })}
        </span>
        {list.hasMore ? (
          <Button size="small" loading={list.loadingMore} onClick={list.more}>
            {t('common.loadMore')}
          </Button>
        ) : null}
        {fresh === 0 ? null : (
          <Button size="small" onClick={() => setOver(false)}>
            {t('common.newRows', { count: fresh })}
          </Button>
        )}
      </div>
    </>
  );
}

/** A click on a link or button inside a row is not a click on the row. */
function open(target: EventTarget, act: () => void): void {
  if (target instanceof Element && target.closest('a, button') === null) act();
}

/** Heights as they are drawn, px. `drawn` changes when there are other rows. */
function useHeights(
  box: React.RefObject<HTMLDivElement | null>,
  size: Size,
  drawn: unknown,
): { readonly head: number; readonly row: number } {
  const [heights, setHeights] = useState({ head: 36, row: 36 });
  useEffect(() => {
    const heightOf = (selector: string) => {
      const element = box.current?.querySelector(selector);
      return element instanceof HTMLElement && element.offsetHeight > 0 ? element.offsetHeight : undefined;
    };
    const [head, row] = [heightOf('.ant-table-header'), heightOf('.ant-table-row')];
    setHeights((known) => {
      const next = { head: head ?? known.head, row: row ?? known.row };
      return next.head === known.head && next.row === known.row ? known : next;
    });
  }, [box, size, drawn]);
  return heights;
}
