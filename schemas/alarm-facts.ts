import { z } from 'zod';

/**
 * Why an alarm was raised, cleared or otherwise handled, as a code with its facts: kept beside the plain text of the
 * journal, so that every reader can tell it in their own language (alarm-words.ts).
 */
const number = z.number();
/** How it was known where nothing newer came: the last value was taken to hold. */
const held = z.enum(['', 'no-newer', 'no-newer-bad']).default('');
const delayMs = z.number().min(0);
const author = { author: z.string(), why: z.string() };

export const alarmFactsSchema = z.discriminatedUnion('code', [
  z.strictObject({
    code: z.literal('limit'),
    value: number,
    side: z.enum(['high', 'low']),
    limit: number,
    unit: z.string(),
    raised: z.boolean(),
    delayMs,
    held,
  }),
  z.strictObject({
    code: z.literal('state'),
    state: z.string(),
    states: z.array(z.string()),
    /** Whether the state is one of those. */
    among: z.boolean(),
    delayMs,
    held,
  }),
  z.strictObject({
    code: z.literal('rate'),
    rate: number,
    limit: number,
    unit: z.string(),
    per: z.enum(['second', 'minute', 'hour']),
    windowMs: number,
    raised: z.boolean(),
    held,
  }),
  z.strictObject({
    code: z.literal('count'),
    times: number,
    states: z.array(z.string()),
    count: number,
    windowMs: number,
    raised: z.boolean(),
    held,
  }),
  z.strictObject({ code: z.literal('silent'), noDataMs: number, newerBad: z.boolean() }),
  z.strictObject({ code: z.literal('heard') }),
  z.strictObject({
    code: z.literal('combination'),
    match: z.enum(['all', 'any']),
    raised: z.boolean(),
    /** Point or metric, what was last read of it, and whether its test is met; null: cannot be told. */
    inputs: z.array(
      z.strictObject({ of: z.string(), value: number.nullable(), met: z.boolean().nullable() }),
    ),
    delayMs,
    held,
  }),
  z.strictObject({
    code: z.literal('event'),
    type: z.string(),
    times: number,
    windowMs: number.nullable(),
  }),
  z.strictObject({ code: z.literal('event-over'), type: z.string().nullable(), afterMs: number.nullable() }),
  z.strictObject({
    code: z.literal('reported'),
    key: z.string(),
    text: z.string(),
    raised: z.boolean(),
    held,
  }),
  z.strictObject({ code: z.literal('outside-schedule') }),
  z.strictObject({ code: z.literal('rule-removed') }),
  z.strictObject({ code: z.literal('rule-disabled'), ...author }),
  z.strictObject({ code: z.literal('rule-changed'), ...author }),
  z.strictObject({ code: z.literal('not-watched') }),
  z.strictObject({ code: z.literal('parent-away'), device: z.string() }),
  z.strictObject({ code: z.literal('offline-already') }),
  z.strictObject({ code: z.literal('gateway-silent'), source: z.string(), alarm: z.string() }),
  z.strictObject({ code: z.literal('maintenance'), window: z.string(), name: z.string(), why: z.string() }),
  z.strictObject({ code: z.literal('maintenance-over'), name: z.string(), why: z.string() }),
  z.strictObject({
    code: z.literal('repeats'),
    /** The first one, which stands for all. */
    alarm: z.string(),
    count: z.int(),
    windowMs: z.int(),
  }),
  z.strictObject({ code: z.literal('repeat-over'), alarm: z.string() }),
  z.strictObject({ code: z.literal('no-longer-suppressed'), why: z.string() }),
  z.strictObject({
    code: z.literal('acknowledged-at-device'),
    device: z.string(),
    /** Who, as the device says. */
    by: z.string().nullable(),
    text: z.string(),
  }),
  z.strictObject({ code: z.literal('time-up') }),
  z.strictObject({ code: z.literal('unreachable'), who: z.string(), why: z.string() }),
  z.strictObject({ code: z.literal('reachable') }),
  z.strictObject({ code: z.literal('alarm-cleared') }),
  z.strictObject({ code: z.literal('assigned'), to: z.string().nullable(), why: z.string() }),
  z.strictObject({ code: z.literal('shelved-until'), until: z.iso.datetime(), why: z.string() }),
]);
export type AlarmFacts = z.infer<typeof alarmFactsSchema>;

type FactsOf<C extends AlarmFacts['code']> = Extract<AlarmFacts, { readonly code: C }>;
export type HeldNote = FactsOf<'limit'>['held'];

/** The facts as the journal tells them: figures, signs and short words, the same in every language. */
export function plainReason(facts: AlarmFacts): string {
  switch (facts.code) {
    case 'limit':
      return `${signed(facts)}${unitSuffix(facts.unit)}${delaySuffix(facts.delayMs)}${heldSuffix(facts.held)}`;
    case 'state': {
      const { state, states, among, delayMs: forMs } = facts;
      return `${state} ${among ? '∈' : '∉'} {${states.join(', ')}}${delaySuffix(forMs)}${heldSuffix(facts.held)}`;
    }
    case 'rate': {
      const { rate, raised, limit, unit, per, windowMs } = facts;
      const told = `${rate} ${raised ? '≥' : '<'} ${limit}${unitSuffix(unit)}/${per}, ${windowMs / 1000} s`;
      return told + heldSuffix(facts.held);
    }
    case 'count': {
      const { times, states, raised, count, windowMs } = facts;
      const told = `${times} × {${states.join(', ')}} ${raised ? '≥' : '<'} ${count}, ${windowMs / 1000} s`;
      return told + heldSuffix(facts.held);
    }
    case 'combination':
      return plainCombination(facts);
    case 'event': {
      const { type, times, windowMs } = facts;
      return windowMs === null ? `event ${type}` : `${times} × event ${type}, ${windowMs / 1000} s`;
    }
    case 'event-over':
      return facts.type === null
        ? `no further event, ${(facts.afterMs ?? 0) / 1000} s`
        : `event ${facts.type}`;
    case 'reported': {
      const { key, text, raised } = facts;
      const told = text === '' ? key : `${key}: ${text}`;
      return `device reports ${raised ? '' : 'the end of '}${told}${heldSuffix(facts.held)}`;
    }
    default:
      return plainHandling(facts);
  }
}

type Handling = Exclude<
  AlarmFacts,
  FactsOf<'limit' | 'state' | 'rate' | 'count' | 'combination' | 'event' | 'event-over' | 'reported'>
>;

function plainHandling(facts: Handling): string {
  switch (facts.code) {
    case 'silent':
      return `no data ≥ ${facts.noDataMs / 1000} s${facts.newerBad ? '; newer samples are bad' : ''}`;
    case 'heard':
      return 'data again';
    case 'outside-schedule':
      return 'outside the schedule of the rule';
    case 'rule-removed':
      return 'rule removed';
    case 'rule-disabled':
      return `rule disabled by ${facts.author}: ${facts.why}`;
    case 'rule-changed':
      return `rule changed by ${facts.author}: ${facts.why}`;
    case 'not-watched':
      return 'point is no longer in service';
    case 'parent-away':
      return `${facts.device} is away`;
    case 'offline-already':
      return 'the device is offline, which is an alarm already';
    case 'gateway-silent':
      return `gateway ${facts.source} hears nobody: see alarm ${facts.alarm}`;
    case 'maintenance':
      return `${facts.name}: ${facts.why}`;
    case 'maintenance-over':
      return `no longer: ${facts.name}: ${facts.why}`;
    case 'repeats':
      return `repeats alarm ${facts.alarm}: ${facts.count} within ${facts.windowMs / 1000} s`;
    case 'repeat-over':
      return `no longer a repeat of alarm ${facts.alarm}`;
    case 'no-longer-suppressed':
      return `no longer: ${facts.why}`;
    case 'acknowledged-at-device': {
      const { device, by, text } = facts;
      return `acknowledged at ${device}${by === null ? '' : ` by ${by}`}${text === '' ? '' : `: ${text}`}`;
    }
    case 'unreachable':
      return `${facts.who} ${facts.why}`;
    case 'reachable':
      return 'can be told again';
    case 'time-up':
      return 'the time is up';
    case 'alarm-cleared':
      return 'the alarm has cleared';
    case 'assigned':
      return `→ ${facts.to ?? '—'}: ${facts.why}`;
    case 'shelved-until':
      return `≤ ${facts.until}: ${facts.why}`;
  }
}

function signed({ value, side, limit, raised }: FactsOf<'limit'>): string {
  const beyond = side === 'high' ? '≥' : '≤';
  const inside = side === 'high' ? '<' : '>';
  return `${value} ${raised ? beyond : inside} ${limit}`;
}

function plainCombination({
  match,
  raised,
  inputs,
  delayMs: forMs,
  held: note,
}: FactsOf<'combination'>): string {
  const told = inputs.map(({ of, value, met }) => {
    const sign = met === null ? '?' : met ? '✓' : '✗';
    return `${of}=${value ?? '—'} ${sign}`;
  });
  const verdict = raised ? match : `not ${match}`;
  return `${verdict}: ${told.join(', ')}${delaySuffix(forMs)}${heldSuffix(note)}`;
}

/** E.g. ` V`; nothing for pure numbers. */
function unitSuffix(unit: string): string {
  return unit === '' || unit === '1' ? '' : ` ${unit}`;
}

/** E.g. `, 60 s`; nothing without a delay. */
function delaySuffix(forMs: number): string {
  return forMs === 0 ? '' : `, ${forMs / 1000} s`;
}

function heldSuffix(note: HeldNote): string {
  if (note === '') return '';
  return `, no newer value${note === 'no-newer-bad' ? '; newer samples are bad' : ''}`;
}
