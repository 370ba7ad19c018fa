import type { Total } from '#schemas/assessment.ts';
import type { Rubric } from '#schemas/rubric.ts';
import type { Finding } from './pack-form.ts';

/** The three figures in words, as the form of the rubric has them. */
export function totalText(
  { determined, undetermined, maximum }: Total,
  form: Rubric['form'] | undefined,
): Finding {
  const range = shownRange(determined);
  const open = shownNumber(undetermined);
  const most = shownNumber(maximum);
  if (form === 'levels') {
    return {
      zh: `达到 ${range} 级，共 ${most} 级，${open} 行未判定`,
      en: `level ${range} of ${most}, ${open} rows undetermined`,
    };
  }
  if (form === 'requirements') {
    return {
      zh: `适用 ${most} 条，符合 ${range} 条，${open} 条未判定`,
      en: `${range} of ${most} requirements met, ${open} undetermined`,
    };
  }
  return {
    zh: `满分 ${most} 分，已判定 ${range} 分，未判定 ${open} 分`,
    en: `${range} of ${most} points, ${open} undetermined`,
  };
}

function shownRange({ min, max }: Total['determined']): string {
  return min === max ? shownNumber(min) : `${shownNumber(min)}–${shownNumber(max)}`;
}

/** Sums of decimals, without the dust of binary fractions. */
export function shownNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}
