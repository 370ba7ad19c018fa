import { canonical } from './canonical.ts';
import { csvLine, csvMark } from './csv.ts';

/**
 * Facts as tables that a spreadsheet opens: one for each list of objects within them, wherever it stands, and one of a
 * single row for the facts themselves. Nothing is left out: with the numbers of the rows that a row stands in, the facts could
 * be put together again. They say nothing that the facts do not say: the verifier makes them anew and compares.
 */
export interface FactTable {
  /** `01-meters`, the end of its path without `.csv`. */
  readonly name: string;
  readonly text: string;
}

type Cell = string | number | null;

interface Rows {
  /** Lists that this one stands in, outermost first. */
  readonly outer: readonly string[];
  readonly rows: { readonly numbers: readonly number[]; readonly cells: ReadonlyMap<string, Cell> }[];
}

interface Place {
  /** Names of the lists from the facts down, and of each the row, counted from 1. */
  readonly lists: readonly string[];
  readonly numbers: readonly number[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTable = (value: unknown): value is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) && value.length > 0 && value.every(isObject);

/** The tables of an input file, in the order of their names. */
export function factTables(facts: unknown): FactTable[] {
  if (!isObject(facts)) return [];
  const tables = new Map<string, Rows>();
  addRow(tables, facts, { lists: [], numbers: [] });
  const names = [...tables.keys()].sort();
  return names.map((name, index) => ({
    name: `${String(index).padStart(2, '0')}-${fileName(name)}`,
    text: tableText(tables.get(name)),
  }));
}

const fileName = (list: string): string =>
  list === ''
    ? 'facts'
    : list.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/[^a-z0-9.]/g, '-');

function addRow(tables: Map<string, Rows>, row: Readonly<Record<string, unknown>>, place: Place): void {
  const list = place.lists.at(-1) ?? '';
  const table = tables.get(list) ?? { outer: place.lists.slice(0, -1), rows: [] };
  tables.set(list, table);
  const cells = new Map<string, Cell>();
  table.rows.push({ numbers: place.numbers.slice(0, -1), cells });
  const open = (value: unknown, path: string): void => {
    if (isObject(value)) {
      for (const [key, member] of Object.entries(value)) open(member, path === '' ? key : `${path}.${key}`);
    } else if (isTable(value)) {
      const name = list === '' ? path : `${list}.${path}`;
      for (const [index, member] of value.entries()) {
        addRow(tables, member, {
          lists: [...place.lists, name],
          numbers: [...place.numbers, index + 1],
        });
      }
    } else cells.set(path, cellOf(value));
  };
  open(row, '');
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'number' || typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : canonical(value);
}

function tableText(table: Rows | undefined): string {
  if (table === undefined) return '';
  const columns = [...new Set(table.rows.flatMap(({ cells }) => [...cells.keys()]))].sort();
  const lines = table.rows.map(({ numbers, cells }) =>
    csvLine([...numbers, ...columns.map((column) => cells.get(column) ?? null)]),
  );
  return csvMark + csvLine([...table.outer.map((name) => `row of ${name}`), ...columns]) + lines.join('');
}
