import type { Bilingual } from './device-class.ts';
import type { Rubric, RubricItem } from './rubric.ts';

/** The convention shown beside the item: its own, and the one that names a number inside a range. */
export function conventionOf(rubric: Rubric, item: RubricItem): Bilingual | null {
  const shared = item.insideBand === undefined ? undefined : rubric.conventions[item.insideBand];
  const texts = [item.convention, shared].filter((text) => text !== undefined);
  if (texts.length === 0) return null;
  return { zh: texts.map((text) => text.zh).join(''), en: texts.map((text) => text.en).join(' ') };
}
