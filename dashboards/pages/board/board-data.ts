import type { Board } from '#schemas/api/board.ts';
import { formatNumber, unitSign } from '../../app/format.ts';

/** The order of the page: air, water, noise. */
const media = [
  'air',
  'water-quality',
  'noise',
] as const satisfies readonly Board['items'][number]['medium'][];

/** Stations by medium; media nobody measures are left out. */
export function groupBoard(board: Board) {
  return media
    .map((medium) => ({ medium, items: board.items.filter((item) => item.medium === medium) }))
    .filter(({ items }) => items.length > 0);
}

/** Values older than this are greyed and say so. */
export const oldAfterMs = 15 * 60_000;

/** A public figure: three significant digits, at most three after the point. */
export function boardNumber({ value, unit }: Board['items'][number]['values'][number]) {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return { text: formatNumber(value, digits), unit: unitSign(unit) };
}
