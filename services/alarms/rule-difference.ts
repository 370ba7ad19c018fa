import canonicalize from 'canonicalize';
import type { AlarmRuleBody } from '#schemas/alarm.ts';

/** Field by field; what is absent is told as null. */
export function differingFields(
  one: AlarmRuleBody,
  other: AlarmRuleBody,
): { field: string; from: unknown; to: unknown }[] {
  const [from, to] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((field) => canonicalize(from.get(field)) !== canonicalize(to.get(field)))
    .map((field) => ({ field, from: from.get(field) ?? null, to: to.get(field) ?? null }));
}
