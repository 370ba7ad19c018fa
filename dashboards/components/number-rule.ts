import { formatLoose } from '../app/format.ts';
import { useWords } from '../app/i18n.ts';

/** What a number that somebody types may be; bounds count themselves. */
export interface NumberLimits {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly whole?: boolean | undefined;
}

/** What is wrong with a typed number; null while it is empty or right. Pure. */
export function numberFault(
  value: number | null | undefined,
  { min = -Infinity, max = Infinity, whole = false }: NumberLimits,
): 'whole' | 'between' | 'atLeast' | 'atMost' | null {
  if (value === null || value === undefined) return null;
  if (whole && !Number.isInteger(value)) return 'whole';
  if (value >= min && value <= max) return null;
  if (min === -Infinity) return 'atMost';
  return max === Infinity ? 'atLeast' : 'between';
}

/**
 * The rule of a form field that holds a number. A number that does not fit is refused as it was typed: limits of the
 * control itself would pull it to their bound as soon as the field is left, and store what nobody typed.
 */
export function useNumberRule(): (limits: NumberLimits) => {
  validator: (rule: unknown, value: number | null | undefined) => Promise<void>;
} {
  const t = useWords();
  return (limits) => ({
    validator: async (_, value) => {
      const fault = numberFault(value, limits);
      if (fault === null) return;
      const [min, max] = [limits.min ?? 0, limits.max ?? 0].map((bound) => formatLoose(bound, 2));
      throw new Error(t(`common.number.${fault}`, { min, max }));
    },
  });
}
