import { unitOf, type Mapping, type MappingTime, type MappingValue } from '#schemas/mapping.ts';
import { convert, type UnitName } from '#schemas/units.ts';
import { localClock, type LocalClock } from './local-clock.ts';
import { spanReader, type SpanReader } from './spans.ts';
import { createTopicTree, type TopicTree } from './topic-tree.ts';

/** What a raw number becomes. */
export type Scaling = (raw: number) => number;

/** A mapping with what its fields need to be applied quickly. */
export interface CompiledMapping {
  readonly mapping: Mapping;
  readonly topic: Mapping['topic'];
  readonly scalings: ReadonlyMap<MappingValue, Scaling>;
  readonly clocks: ReadonlyMap<MappingTime, LocalClock>;
  readonly spans: ReadonlyMap<MappingValue, SpanReader>;
}

/** The mappings of a park, ready to be applied. */
export interface MappingSet {
  readonly mappings: readonly Mapping[];
  readonly tree: TopicTree<CompiledMapping>;
  /** What a client subscribes to; each once. */
  readonly filters: readonly string[];
}

export function compileMappings(mappings: readonly Mapping[]): MappingSet {
  return {
    mappings,
    tree: createTopicTree(mappings.map(compile)),
    filters: [...new Set(mappings.map(({ topic }) => topic.filter))],
  };
}

function compile(mapping: Mapping): CompiledMapping {
  const times = [mapping, ...mapping.values, ...mapping.events].flatMap(({ time }) => time ?? []);
  return {
    mapping,
    topic: mapping.topic,
    scalings: new Map(mapping.values.map((value) => [value, scalingOf(mapping, value)])),
    spans: new Map(
      mapping.values.flatMap((value) =>
        value.spans === undefined ? [] : [[value, spanReader(value.spans)] as const],
      ),
    ),
    clocks: new Map(
      times.flatMap((time) =>
        time.zone === undefined ? [] : [[time, localClock(time.format, time.zone)] as const],
      ),
    ),
  };
}

/** More digits than any instrument has, fewer than a double: what a factor leaves behind the last digit goes. */
const digits = 15;

function scalingOf(mapping: Mapping, { metric, spans, unit: given, scale, offset }: MappingValue): Scaling {
  const unit = given ?? (spans === undefined ? undefined : 's');
  const target = unitOf(mapping, metric);
  if ((unit === undefined || unit === target) && scale === undefined && offset === undefined)
    return (raw) => raw;
  return (raw) => {
    const scaled = raw * (scale ?? 1) + (offset ?? 0);
    return Number(toUnit(scaled, unit, target).toPrecision(digits));
  };
}

function toUnit(value: number, unit: string | undefined, target: UnitName | null): number {
  if (unit === undefined || target === null) return value;
  const converted = convert(value, unit, target);
  if (converted === null)
    throw new Error(`${unit} does not convert to ${target}; the schema should have refused it`);
  return converted;
}
