import type { Translate } from './i18n.ts';

const words = ['in', 'out', 'both', 'unknown'] as const;

/** A word that many devices share (which way a door leads, yes and no) in the chosen language; anything else as it was written. */
export function sharedWord(t: Translate, value: unknown): string {
  if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no');
  const known = words.find((word) => word === String(value).toLowerCase());
  return known === undefined ? String(value) : t(`attributeValue.${known}`);
}
