import type { MetricDefinition } from '#schemas/device-class.ts';
import type { Cell } from './cell-store.ts';

/** Cells folded into one, which begins where it is told; undefined of none. Pure. */
export function foldCells(cells: readonly Cell[], bucketMs: number): Cell | undefined {
  let folded: Cell | undefined;
  for (const cell of cells) folded = folded === undefined ? { ...cell, bucketMs } : add(folded, cell);
  return folded;
}

function add(into: Cell, cell: Cell): Cell {
  return {
    bucketMs: into.bucketMs,
    count: into.count + cell.count,
    summed: into.summed + cell.summed,
    min: either(into.min, cell.min, Math.min),
    max: either(into.max, cell.max, Math.max),
    sum: either(into.sum, cell.sum, plus),
    sumCos: either(into.sumCos, cell.sumCos, plus),
    quality: Math.max(into.quality, cell.quality),
  };
}

const plus = (a: number, b: number) => a + b;

function either(a: number | null, b: number | null, join: (a: number, b: number) => number): number | null {
  if (a === null || b === null) return a ?? b;
  return join(a, b);
}

/** The mean that a cell's sums stand for (DESIGN §5); null without a value that counts. Circular means are 0 to 360. */
export function meanOf({ sum, sumCos, summed }: Cell, mean: MetricDefinition['mean']): number | null {
  if (sum === null || summed === 0) return null;
  if (mean === 'energy') return 10 * Math.log10(sum / summed);
  if (mean === 'circular') return ((Math.atan2(sum, sumCos ?? 0) * 180) / Math.PI + 360) % 360;
  return sum / summed;
}
