import { limits } from '#schemas/limits.ts';
import { idPattern, metricPattern } from '#schemas/ids.ts';
import { mappingLimits, type MappingEvent } from '#schemas/mapping.ts';
import { itemsAt, valueAt } from '#schemas/mapping-path.ts';
import { capturesOf, cleanId, clientCapture, type Template } from '#schemas/mapping-topic.ts';
import { say } from '#schemas/phrases.ts';
import type { FieldEvent, PacketContent, RejectedValue, Sample } from '#schemas/reading.ts';
import { decodeEvents } from '../mqtt/decode-event.ts';
import { isObject, refuse, type Refused } from '../mqtt/shape.ts';
import { printable, shown, untimedQuality, type JudgedTime } from '../normalise.ts';
import type { CompiledMapping, MappingSet } from './compile.ts';
import {
  holds,
  nothingAt,
  presentAt,
  readQuality,
  readTime,
  readValue,
  scalarText,
  type Item,
} from './read.ts';

/** A message of a vendor, as it came. */
export interface VendorMessage {
  readonly topic: string;
  readonly bytes: Uint8Array;
  readonly receivedAtMs: number;
  /** The sender's MQTT client id, where the broker tells it. */
  readonly clientId?: string | null | undefined;
  /** We asked for it: what has no time of its own is of then. */
  readonly isAnswer?: boolean;
}

/** What a mapping made of a message for one device; a message that speaks of several becomes several. */
export interface Mapped {
  /** Null when no mapping takes the topic. */
  readonly mappingId: string | null;
  readonly deviceId: string | null;
  readonly content: PacketContent;
}

/** Whether any mapping takes a topic. */
export function takesTopic(set: MappingSet, topic: string): boolean {
  return set.tree.find(topic.split('/'), topic).length > 0;
}

/**
 * What a message means by every mapping that takes its topic, in their order. Pure; any bytes are answered with at least
 * one value, none with an exception. A fault of the form refuses the message; one inside a value, that value.
 */
export function applyMappings(set: MappingSet, message: VendorMessage): Mapped[] {
  const parts = message.topic.split('/');
  const takers = set.tree.find(parts, message.topic);
  if (takers.length === 0) {
    const content = refuse('bad-topic', say('topic-unmapped', { given: shown(message.topic) }));
    return [{ mappingId: null, deviceId: null, content }];
  }
  const read = createReader(message.bytes);
  const made = takers.flatMap((compiled) => applyOne(compiled, { message, parts, read }));
  if (made.length > 0) return made;
  const names = printable(takers.map(({ mapping }) => mapping.id).join(', '));
  const content = refuse('empty', say('nothing-mapped', { mappings: names }));
  return [{ mappingId: takers[0]?.mapping.id ?? null, deviceId: null, content }];
}

/** A device that a message speaks of, with the item that does. */
export interface SpokenOf {
  readonly deviceId: string;
  readonly item: Item;
}

/** The devices that one mapping finds in an answer, with their items; nothing in one that cannot be read. Pure. */
export function devicesIn(set: MappingSet, mappingId: string, message: VendorMessage): SpokenOf[] {
  const takers = set.tree.find(message.topic.split('/'), message.topic);
  const compiled = takers.find(({ mapping }) => mapping.id === mappingId);
  const payload = compiled === undefined ? null : createReader(message.bytes)(compiled.mapping.payload);
  if (compiled === undefined || payload === null || 'kind' in payload) return [];
  const root = payload.value;
  const { receivedAtMs, isAnswer = false } = message;
  const items = readItems(compiled, { root, item: root, captures: new Map(), receivedAtMs, isAnswer });
  if (!Array.isArray(items)) return [];
  return items.flatMap((item) => {
    if (!holds(compiled.mapping.when, item)) return [];
    const deviceId = deviceOf(compiled, item);
    return typeof deviceId === 'string' ? [{ deviceId, item }] : [];
  });
}

interface Given {
  readonly message: VendorMessage;
  readonly parts: readonly string[];
  readonly read: (payload: 'json' | 'plain') => { readonly value: unknown } | Refused;
}

/** Reads the bytes once in each form that a mapping asks for. */
function createReader(bytes: Uint8Array): Given['read'] {
  const known = new Map<string, { readonly value: unknown } | Refused>();
  return (payload) => {
    const found = known.get(payload) ?? readPayload(bytes, payload);
    known.set(payload, found);
    return found;
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readPayload(bytes: Uint8Array, payload: 'json' | 'plain'): { readonly value: unknown } | Refused {
  if (bytes.length > limits.packetBytes) {
    return refuse('too-large', say('packet-too-large', { bytes: bytes.length, most: limits.packetBytes }));
  }
  if (bytes.length === 0) return refuse('empty', say('packet-no-bytes'));
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refuse('not-utf8', say('packet-not-utf8'));
  }
  if (payload === 'plain') return { value: text.trim() };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return refuse('not-json', say('packet-not-json', { text: shown(text) }));
  }
}

/** What one device has said in one message. */
interface Said {
  readonly samples: Sample[];
  readonly rejected: RejectedValue[];
  readonly events: FieldEvent[];
  readonly rejectedEvents: RejectedValue[];
  status: Extract<PacketContent, { kind: 'status' }> | null;
}

function applyOne(compiled: CompiledMapping, given: Given): Mapped[] {
  const { mapping } = compiled;
  const { receivedAtMs } = given.message;
  const refused = (content: Refused): Mapped[] => [{ mappingId: mapping.id, deviceId: null, content }];
  const payload = given.read(mapping.payload);
  if ('kind' in payload) return refused(payload);
  const topicCaptures = capturesOf(mapping.topic, given.parts);
  if (typeof given.message.clientId === 'string') topicCaptures.set(clientCapture, given.message.clientId);
  const root = payload.value;
  const isAnswer = given.message.isAnswer === true;
  const whole = { root, item: root, captures: topicCaptures, receivedAtMs, isAnswer };
  const items = mapping.each === undefined ? [whole] : readItems(compiled, whole);
  if (!Array.isArray(items)) return refused(items);

  const devices = new Map<string, Said>();
  const faults: Refused[] = [];
  let count = 0;
  for (const item of items) {
    if (!holds(mapping.when, item)) continue;
    const device = deviceOf(compiled, item);
    if (typeof device !== 'string') {
      faults.push(device);
      continue;
    }
    const said = devices.get(device) ?? {
      samples: [],
      rejected: [],
      events: [],
      rejectedEvents: [],
      status: null,
    };
    devices.set(device, said);
    if (devices.size > mappingLimits.devices) {
      return refused(refuse('too-large', say('many-devices', { most: mappingLimits.devices })));
    }
    count += readItem(compiled, item, said);
    if (count > limits.valuesPerPacket) {
      return refused(refuse('too-large', say('packet-many-values', { most: limits.valuesPerPacket })));
    }
  }
  const made = [...devices].flatMap(([deviceId, said]) =>
    contentsOf(said).map((content) => ({ mappingId: mapping.id, deviceId, content })),
  );
  const [fault] = faults;
  if (fault === undefined) return made;
  const more = faults.length - 1;
  const detail = more === 0 ? fault.detail : say('more-items', { fault: fault.detail, count: more });
  return [...made, ...refused(refuse(fault.reason, detail))];
}

function readItems({ mapping }: CompiledMapping, whole: Item): Item[] | Refused {
  if (mapping.each === undefined) return [whole];
  const asked = mapping.values.length + mapping.events.length + 1;
  const most = Math.min(limits.valuesPerPacket, Math.floor(mappingLimits.work / asked));
  const found = itemsAt(mapping.each, whole.root, most);
  if (found === null) return refuse('too-large', say('many-items', { most, path: mapping.each.text }));
  return found.map(({ value, key, index }) => {
    const captures = new Map(whole.captures);
    if (key !== null) captures.set('key', key);
    if (index !== null) captures.set('index', String(index));
    return { ...whole, item: value, captures };
  });
}

/** The id of the device that an item speaks of. */
function deviceOf({ mapping }: CompiledMapping, item: Item): string | Refused {
  const raw = fillTemplate(mapping.device, item);
  if (typeof raw !== 'string') return raw;
  const id = mapping.deviceIds?.get(raw) ?? cleanId(raw);
  if (id !== null && idPattern.test(id)) return id;
  const detail = say('device-id', { given: shown(raw) });
  return refuse('wrong-shape', detail);
}

function fillTemplate({ parts }: Template, item: Item): string | Refused {
  let text = '';
  for (const part of parts) {
    if (part.kind === 'text') text += part.text;
    else if (part.kind === 'capture') {
      const captured = item.captures.get(part.name);
      if (captured === undefined)
        return refuse('wrong-shape', say('device-capture', { name: `{${part.name}}` }));
      text += captured;
    } else {
      const found = scalarText(presentAt(part.path, item));
      if (found === null)
        return refuse('wrong-shape', say('device-nothing', { path: printable(part.path.text) }));
      text += found;
    }
  }
  return text;
}

/** @returns how many values and events the item had */
function readItem(compiled: CompiledMapping, item: Item, said: Said): number {
  const { mapping } = compiled;
  const time = readTime(mapping.time, item, compiled);
  const before = said.samples.length + said.rejected.length + said.events.length + said.rejectedEvents.length;
  for (const rule of mapping.values) {
    if (!holds(rule.when, item)) continue;
    const read = readValue(rule, item, compiled);
    if (read === null) continue;
    if ('reason' in read) {
      said.rejected.push(read);
      continue;
    }
    const quality = readQuality(rule.quality ?? mapping.quality, item);
    const at = rule.time === undefined ? time : readTime(rule.time, item, compiled);
    pushSample({ metric: rule.metric, value: read.value, quality, rev: 0 }, at, { item, said });
  }
  if (mapping.others !== undefined) readOthers(compiled, item, { time, said });
  for (const rule of mapping.events) {
    if (holds(rule.when, item)) readEvent(rule, item, { compiled, time, said });
  }
  if (mapping.status !== undefined) readStatus(mapping.status, item, said);
  return (
    said.samples.length + said.rejected.length + said.events.length + said.rejectedEvents.length - before
  );
}

type Read = Pick<Sample, 'metric' | 'value' | 'quality' | 'rev'>;

function pushSample(read: Read, time: JudgedTime | null, { item, said }: { item: Item; said: Said }): void {
  if (time === null) {
    const quality = untimedQuality(read.quality);
    said.samples.push({ ...read, quality, timeMs: item.receivedAtMs, untimed: true });
  } else if (time.ok) said.samples.push({ ...read, timeMs: time.timeMs, untimed: false });
  else said.rejected.push({ metric: read.metric, reason: time.reason, detail: time.detail });
}

interface Within {
  readonly time: JudgedTime | null;
  readonly said: Said;
}

/** Numbers and booleans that no value of the mapping names. */
function readOthers({ mapping }: CompiledMapping, item: Item, { time, said }: Within): void {
  const { others } = mapping;
  const members = others === undefined ? undefined : valueAt(others.path, item);
  if (others === undefined || !isObject(members)) return;
  const named = new Set([...others.skip, ...mapping.values.map(({ path }) => lastName(path?.text ?? ''))]);
  const quality = readQuality(mapping.quality, item);
  for (const [name, value] of Object.entries(members)) {
    if (said.samples.length + said.rejected.length > limits.valuesPerPacket) return;
    if (named.has(name) || (typeof value !== 'number' && typeof value !== 'boolean')) continue;
    const metric = toMetric(name);
    const number = Number(value);
    if (!metricPattern.test(metric)) {
      const detail = say('no-metric-mapped');
      said.rejected.push({ metric: printable(name), reason: 'not-a-number', detail });
    } else if (!Number.isFinite(number)) {
      said.rejected.push({
        metric,
        reason: 'not-a-number',
        detail: say('too-great', { field: 'value' }),
      });
    } else pushSample({ metric, value: number, quality, rev: 0 }, time, { item, said });
  }
}

function lastName(path: string): string {
  return /[^.]*$/.exec(path)?.[0] ?? path;
}

/** `activePower` and `Active-Power` become `active_power`. */
function toMetric(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

function readEvent(
  rule: MappingEvent,
  item: Item,
  within: Within & { readonly compiled: CompiledMapping },
): void {
  const { said, compiled } = within;
  const type = 'type' in rule.type ? rule.type.type : typeOf(rule.type, item);
  if (typeof type !== 'string') {
    said.rejectedEvents.push(type);
    return;
  }
  const time = rule.time === undefined ? within.time : readTime(rule.time, item, compiled);
  if (time?.ok === false) {
    said.rejectedEvents.push({ metric: type, reason: time.reason, detail: time.detail });
    return;
  }
  const data: Record<string, unknown> = {};
  for (const [name, { path, keepLast }] of rule.data ?? []) {
    const value = presentAt(path, item);
    if (value === undefined) continue;
    const shownValue = keepLast === null ? value : mask(scalarText(value) ?? '', keepLast);
    Object.defineProperty(data, name, {
      value: shownValue,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  const id = rule.id === undefined ? null : scalarText(presentAt(rule.id, item));
  // The native decoder judges the rest: length and form of the id, depth and text of the data.
  const judged = decodeEvents(
    { type, data, ...(id === null ? {} : { id }), ...(time === null ? {} : { ts: time.timeMs }) },
    item.receivedAtMs,
  );
  if (judged.kind === 'event') {
    said.events.push(...judged.events);
    said.rejectedEvents.push(...judged.rejected);
  } else if (judged.kind === 'refused') {
    said.rejectedEvents.push({ metric: type, reason: 'not-a-number', detail: judged.detail });
  }
}

function typeOf(rule: Exclude<MappingEvent['type'], { type: string }>, item: Item): string | RejectedValue {
  const given = presentAt(rule.path, item);
  const type = rule.map.get(scalarText(given) ?? '');
  if (type !== undefined) return type;
  const detail = given === undefined ? nothingAt(rule.path) : say('event-unmapped', { given: shown(given) });
  return { metric: 'event', reason: 'unknown-state', detail };
}

/** Of at most 8 stars: how long it was is nobody's business either. */
function mask(text: string, keepLast: number): string {
  const characters = Array.from(text);
  const kept = characters.length > keepLast && keepLast > 0 ? characters.slice(-keepLast).join('') : '';
  return `${'*'.repeat(Math.min(8, characters.length - kept.length))}${kept}`;
}

function readStatus(rule: NonNullable<CompiledMapping['mapping']['status']>, item: Item, said: Said): void {
  const given = rule.path === undefined ? item.item : presentAt(rule.path, item);
  const status = rule.map.get(scalarText(given) ?? '');
  if (status !== undefined) said.status = { kind: 'status', status, timeMs: item.receivedAtMs };
  else if (given !== undefined) {
    const detail = say('status-unmapped', { given: shown(given) });
    said.rejected.push({ metric: 'status', reason: 'unknown-state', detail });
  }
}

function contentsOf({ samples, rejected, events, rejectedEvents, status }: Said): PacketContent[] {
  const contents: PacketContent[] = [];
  if (samples.length + rejected.length > 0)
    contents.push({ kind: 'telemetry', samples, rejected, sequence: [] });
  if (events.length + rejectedEvents.length > 0)
    contents.push({ kind: 'event', events, rejected: rejectedEvents });
  if (status !== null) contents.push(status);
  return contents;
}
