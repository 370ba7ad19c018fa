import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { Provenance } from '#schemas/reading.ts';
import type { RegistryRule } from '#schemas/rubric-registry.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { defineItemDerivation, populationOf, type ItemFacts, type Member } from '../../measure.ts';

/** A device or space as the registry has it at the end of the period. */
export interface RegistryEntry {
  readonly id: string;
  readonly name: string;
  /** Class of a device, kind of a space. */
  readonly class: string;
  readonly provenance: Provenance;
  /** Why a person left it out; null when nobody did. Of devices. */
  readonly exclusion: Bilingual | null;
  /** What it has of what the rule asks for: the space, the attribute's text, the area, a device; null when nothing. */
  readonly has: string | null;
}

export interface RegistryFacts extends ItemFacts {
  /** By id. */
  readonly entries: readonly RegistryEntry[];
}

/** @throws Error when the item has no rule: a bug of the rubric */
export function registryRuleOf(item: RubricItem): RegistryRule {
  if (item.registry === undefined) throw new Error(`${item.id} does not say what the registry has to show`);
  return item.registry;
}

function memberOf({ id, name, class: kind, provenance, exclusion, has }: RegistryEntry): Member {
  const standing = exclusion !== null ? 'excluded' : has === null ? 'not-counted' : 'counted';
  const reason =
    exclusion !== null
      ? { zh: `人工排除：${exclusion.zh}`, en: `Left out by a person: ${exclusion.en}` }
      : has === null
        ? { zh: '档案中没有登记', en: 'The registry says nothing of it' }
        : { zh: `已登记：${has}`, en: `Registered: ${has}` };
  return { deviceId: id, name, class: kind, provenance, standing, reason, noted: false, point: null };
}

function derive({ entries }: RegistryFacts, item: RubricItem): Measurement {
  const rule = registryRuleOf(item);
  const population = populationOf(entries.map(memberOf));
  const { counted, of } = population;
  const none =
    rule.of === 'devices'
      ? {
          zh: '评估期末档案中没有在用的相关设备',
          en: 'The registry has no such device in service at the end',
        }
      : { zh: '评估期末档案中没有这类空间', en: 'The registry has no such space at the end' };
  const isShare = rule.makes === 'share';
  return {
    value: of === 0 ? null : isShare ? (100 * counted) / of : counted,
    unit: isShare ? '%' : rule.of,
    population,
    completeness: null,
    sources: of === 0 ? [] : ['registry'],
    verdict: of === 0 ? 'insufficient' : 'sufficient',
    missing: of === 0 ? [none] : [],
  };
}

/** What the registry of devices and spaces itself shows: a share written up as it should be, or a number. */
export const registryMeasure = defineItemDerivation<RegistryFacts>({
  id: 'registry',
  version: 1,
  derive,
  members: ({ entries }) => entries.map(memberOf),
});
