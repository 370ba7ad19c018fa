import type { TableColumnsType } from 'antd';

/** Columns whose widths (px, as on an ordinary screen) are drawn larger on a very large one, as its letters are. */
export function scaledColumns<T>(columns: TableColumnsType<T>, scale: number): TableColumnsType<T> {
  return columns.map((column) =>
    typeof column.width === 'number' ? { ...column, width: column.width * scale } : column,
  );
}
