import type { Condition, MappingQuality, MappingTime, MappingValue } from '#schemas/mapping.ts';
import { valueAt, type MappingPath, type PathScope } from '#schemas/mapping-path.ts';
import { metricPattern } from '#schemas/ids.ts';
import { say, type Phrase } from '#schemas/phrases.ts';
import type { Quality, RejectedValue } from '#schemas/reading.ts';
import { judgeTime, printable, shown, type JudgedTime } from '../normalise.ts';
import type { CompiledMapping } from './compile.ts';
import { readNumber } from './read-number.ts';
import { ageSeconds, coveredSeconds, type SpanReader } from './spans.ts';

/** One item of a payload with everything that its fields may refer to. */
export interface Item extends PathScope {
  readonly captures: ReadonlyMap<string, string>;
  readonly receivedAtMs: number;
  /** What it tells is of when it came: we asked. */
  readonly isAnswer: boolean;
}

/** A value that is there; JSON's null is nothing. */
export function presentAt(path: MappingPath, item: Item): unknown {
  return valueAt(path, item) ?? undefined;
}

/** Text, number or boolean as text, as tables and conditions compare them; null for anything else. */
export function scalarText(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : null;
}

export function holds(conditions: readonly Condition[] | undefined, item: Item): boolean {
  return conditions === undefined || conditions.every((condition) => holdsOne(condition, item));
}

function holdsOne({ path, capture, is, there }: Condition, item: Item): boolean {
  const value = path === undefined ? item.captures.get(capture ?? '') : presentAt(path, item);
  if (is === null) return (value !== undefined) === there;
  const text = scalarText(value);
  return text !== null && is.has(text);
}

/** The time of an item or a value; null when nothing says where it would stand: untimed. */
export function readTime(
  time: MappingTime | undefined,
  item: Item,
  compiled: CompiledMapping,
): JudgedTime | null {
  const untimed: JudgedTime | null = item.isAnswer ? { ok: true, timeMs: item.receivedAtMs } : null;
  if (time === undefined) return untimed;
  const given = valueAt(time.path, item);
  const badTime = (detail: Phrase): JudgedTime => ({ ok: false, reason: 'bad-time', detail });
  const missing = given === undefined || given === null;
  if (missing && time.absent === 'untimed') return untimed;
  if (missing) return badTime(say('time-nothing', { path: printable(time.path.text) }));
  if (time.format === 'rfc3339') {
    return typeof given === 'string'
      ? judgeTime(given, item.receivedAtMs)
      : badTime(say('time-form', { given: shown(given), format: 'RFC 3339' }));
  }
  if (time.format === 'epoch-ms' || time.format === 'epoch-s') {
    const number = readNumber(given);
    if (number === null) return badTime(say('time-form', { given: shown(given), format: time.format }));
    return judgeTime(time.format === 'epoch-s' ? number * 1000 : number, item.receivedAtMs);
  }
  const timeMs = typeof given === 'string' ? (compiled.clocks.get(time)?.(given.trim()) ?? null) : null;
  if (timeMs === null) return badTime(say('time-form', { given: shown(given), format: time.format }));
  return judgeTime(timeMs, item.receivedAtMs);
}

export function readQuality(quality: MappingQuality | undefined, item: Item): Quality {
  if (quality === undefined) return 'good';
  const text = scalarText(presentAt(quality.path, item));
  return (text === null ? undefined : quality.map.get(text)) ?? quality.otherwise;
}

export type ReadValue = { readonly value: number | string } | RejectedValue | null;

/**
 * What one value of a mapping is in one item.
 * @returns null when there is nothing and that means nothing
 */
export function readValue(rule: MappingValue, item: Item, compiled: CompiledMapping): ReadValue {
  const { metric, path, states } = rule;
  const spans = compiled.spans.get(rule);
  if (spans !== undefined) return readSpans(rule, item, { compiled, spans });
  const given = path === undefined ? item.item : valueAt(path, item);
  if (given === undefined || given === null) {
    const missing = rule.absent ?? compiled.mapping.absent;
    const detail = path === undefined ? say('payload-null') : nothingAt(path, given);
    return missing === 'skip' ? null : { metric, reason: 'not-a-number', detail };
  }
  if (states !== undefined) return readState(metric, given, states);
  const scaling = compiled.scalings.get(rule);
  if (typeof given === 'boolean') return { value: scaling?.(given ? 1 : 0) ?? Number(given) };
  const number = readNumber(given);
  if (number !== null) {
    const value = scaling?.(number) ?? number;
    if (Number.isFinite(value)) return { value };
    return {
      metric,
      reason: 'not-a-number',
      detail: say('too-great-converted', { given: shown(given) }),
    };
  }
  const converted = (rule.unit ?? rule.scale ?? rule.offset) !== undefined;
  if (typeof given === 'string' && !converted && isStateName(given)) return { value: given };
  const detail = say(converted ? 'no-number' : 'no-scalar', { field: 'value', given: shown(given) });
  return { metric, reason: 'not-a-number', detail };
}

/** What a list of spans comes to; a list that is not there is no zero. */
function readSpans(
  rule: MappingValue,
  item: Item,
  { compiled, spans: reader }: { readonly compiled: CompiledMapping; readonly spans: SpanReader },
): ReadValue {
  const { metric } = rule;
  const read = reader(item, item.receivedAtMs);
  if (read.kind === 'fault') return { metric, reason: 'bad-time', detail: read.detail };
  const seconds =
    read.kind === 'absent'
      ? null
      : rule.spans?.as === 'covered'
        ? coveredSeconds(read.spans)
        : ageSeconds(read.spans, item.receivedAtMs);
  if (seconds !== null) return { value: compiled.scalings.get(rule)?.(seconds) ?? seconds };
  if ((rule.absent ?? compiled.mapping.absent) === 'skip') return null;
  return { metric, reason: 'not-a-number', detail: say('no-spans', { path: rule.spans?.each.text ?? '' }) };
}

/** What boxes write where a number is missing; never names of states. */
const spelledNumbers = new Set(['nan', 'inf', 'infinity', 'null', 'unavailable']);

function isStateName(text: string): boolean {
  return metricPattern.test(text) && !spelledNumbers.has(text);
}

function readState(metric: string, given: unknown, states: ReadonlyMap<string, number | string>): ReadValue {
  const text = scalarText(given);
  const value = text === null ? undefined : (states.get(text) ?? states.get(text.trim()));
  if (value !== undefined) return { value };
  const known = printable([...states.keys()].slice(0, 10).join(', '));
  return {
    metric,
    reason: 'unknown-state',
    detail: say('no-state-mapped', { given: shown(given), states: known }),
  };
}

export function nothingAt(path: MappingPath, given?: unknown): Phrase {
  return say(given === null ? 'path-null' : 'path-nothing', { path: printable(path.text) });
}
