import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { limits } from '#schemas/limits.ts';
import { inEnglish, say, sayText, type Phrase } from '#schemas/phrases.ts';
import type { FieldEvent, Packet, PacketContent } from '#schemas/reading.ts';
import type { Judged } from './accept.ts';
import type { Pending } from './plan.ts';
import { noMarks, type HeardMarks } from './sequence.ts';

/** What a flush writes beside its readings; gathered once, written as one statement a table. Pure. */
export interface Books {
  readonly rejections: readonly RejectionEntry[];
  readonly discoveries: readonly DiscoveryEntry[];
  readonly events: readonly EventEntry[];
  /** Sequence numbers by source. */
  readonly sequences: ReadonlyMap<string, HeardMarks>;
  readonly statuses: ReadonlyMap<string, StatusEntry>;
}

export interface RejectionEntry {
  readonly atMs: number;
  readonly source: string;
  readonly address: string;
  readonly deviceId: string | null;
  readonly reason: string;
  /** In English. */
  readonly detail: string;
  /** The same with its parameters, {@link Phrase} as JSON. */
  readonly said: string;
  /** 0 when the packet was refused whole. */
  readonly valueCount: number;
  readonly metrics: readonly string[];
  readonly payload: Uint8Array;
  readonly payloadBytes: number;
}

export interface DiscoveryEntry {
  readonly deviceId: string;
  readonly receivedAtMs: number;
  readonly source: string;
  readonly address: string;
  readonly metrics: readonly string[];
  /** {@link PacketContent} as JSON, reduced to what was not known. */
  readonly content: string;
  readonly payload: Uint8Array;
  readonly sizeBytes: number;
  readonly valueCount: number;
}

export interface EventEntry {
  readonly source: string;
  readonly deviceId: string;
  readonly timeMs: number;
  readonly untimed: boolean;
  readonly type: string;
  /** The sender's id, else the SHA-256 of the canonical data; null when nothing tells repeats apart. */
  readonly key: string | null;
  /** JSON. */
  readonly data: string;
}

export interface StatusEntry {
  readonly deviceId: string;
  source: string;
  /** The newest word of the device itself in this flush; null when it only sent data. */
  status: 'online' | 'offline' | null;
  statusAtMs: number;
  /** When the device itself was heard last; null when this flush holds only a status. */
  lastSeenMs: number | null;
}

/** Gathers the books of a flush. */
export function gatherBooks(packets: readonly Pending[]): Books {
  const rejections: RejectionEntry[] = [];
  const discoveries: DiscoveryEntry[] = [];
  const events: EventEntry[] = [];
  const sequences = new Map<string, HeardMarks>();
  const statuses = new Map<string, StatusEntry>();
  for (const pending of packets) {
    const { packet, judged } = pending;
    const { deviceId } = packet;
    bookRejections(rejections, pending);
    if (judged.kind === 'refused' || deviceId === null) continue;
    if (judged.discovery) discoveries.push(discoveryOf(packet, deviceId, pending));
    // Nothing else is kept of an unknown device: it could be anybody's, without end.
    if (!judged.known) continue;
    for (const event of judged.events) events.push(eventEntry(packet.source, deviceId, event));
    addMarks(sequences, deviceId, pending);
    addStatus(statuses, deviceId, pending);
  }
  return { rejections, discoveries, events, sequences, statuses };
}

/** A refusal of a packet, or of values of it. */
export function rejectionOf(
  packet: Packet,
  refusal: Pick<RejectionEntry, 'reason' | 'valueCount' | 'metrics'> & { readonly detail: Phrase },
): RejectionEntry {
  return {
    atMs: packet.receivedAtMs,
    source: packet.source,
    address: cleanText(packet.address),
    deviceId: packet.deviceId,
    payload: packet.bytes.subarray(0, limits.bookedPayloadBytes),
    payloadBytes: packet.bytes.length,
    ...refusal,
    detail: cleanText(inEnglish(refusal.detail)),
    said: jsonText(refusal.detail),
    metrics: refusal.metrics.map(cleanText),
  };
}

function bookRejections(book: RejectionEntry[], { packet, judged }: Pending): void {
  if (judged.kind === 'refused' || packet.deviceId === null) {
    const { content } = packet;
    const refusal = content.kind === 'refused' ? content : { reason: 'bad-topic', detail: say('no-device') };
    const { reason, detail } = refusal;
    book.push(rejectionOf(packet, { reason, detail, valueCount: 0, metrics: [] }));
    return;
  }
  if (judged.rejected.length === 0) return;
  const byReason = Map.groupBy(judged.rejected, (value) => value.reason);
  for (const [reason, values] of byReason) {
    const detail = values[0]?.detail ?? sayText('');
    const metrics = [...new Set(values.map(({ metric }) => metric))];
    book.push(rejectionOf(packet, { reason, detail, valueCount: values.length, metrics }));
  }
}

function discoveryOf(packet: Packet, deviceId: string, { judged }: Pending): DiscoveryEntry {
  const content = jsonText(undiscoveredContent(packet.content, judged));
  const payload = packet.bytes.subarray(0, limits.bookedPayloadBytes);
  return {
    deviceId,
    receivedAtMs: packet.receivedAtMs,
    source: packet.source,
    address: cleanText(packet.address),
    metrics: [...new Set(judged.undiscovered.map((sample) => sample.metric))],
    content,
    payload,
    sizeBytes: content.length + payload.length,
    valueCount: judged.undiscovered.length,
  };
}

/** What was not known of a packet; its rejected values are booked already and its numbers counted where it was known. */
function undiscoveredContent(content: PacketContent, judged: Judged): PacketContent {
  if (content.kind === 'event') return { ...content, rejected: [] };
  if (content.kind !== 'telemetry') return content;
  return {
    kind: 'telemetry',
    samples: judged.undiscovered,
    rejected: [],
    sequence: judged.known ? [] : content.sequence,
  };
}

function eventEntry(source: string, deviceId: string, event: FieldEvent): EventEntry {
  const data = jsonText(event.data);
  const digest = () =>
    createHash('sha256')
      .update(canonicalize(JSON.parse(data)) ?? '')
      .digest('hex');
  const id = event.id === null ? null : cleanText(event.id);
  return {
    source,
    deviceId,
    timeMs: event.timeMs,
    untimed: event.untimed,
    type: cleanText(event.type),
    key: id ?? (event.untimed ? null : digest()),
    data,
  };
}

function addMarks(sequences: Map<string, HeardMarks>, deviceId: string, { packet, judged }: Pending): void {
  for (const { seq, timeMs } of judged.sequence) {
    if (!Number.isSafeInteger(seq)) continue;
    let heard = sequences.get(packet.source);
    if (heard === undefined) {
      heard = noMarks();
      sequences.set(packet.source, heard);
    }
    heard.deviceIds.push(deviceId);
    heard.seqs.push(seq);
    heard.timesMs.push(timeMs);
    heard.arrivedMs.push(packet.receivedAtMs);
  }
}

function addStatus(statuses: Map<string, StatusEntry>, deviceId: string, { packet, judged }: Pending): void {
  let entry = statuses.get(deviceId);
  if (entry === undefined) {
    entry = { deviceId, source: packet.source, status: null, statusAtMs: 0, lastSeenMs: null };
    statuses.set(deviceId, entry);
  }
  entry.source = packet.source;
  if (judged.kind !== 'status') {
    entry.lastSeenMs = Math.max(entry.lastSeenMs ?? 0, packet.receivedAtMs);
    return;
  }
  const { content } = packet;
  if (content.kind === 'status' && content.timeMs >= entry.statusAtMs) {
    // A status may be the broker's (last will) or retained from long ago: it is no sign of life now.
    entry.status = content.status;
    entry.statusAtMs = content.timeMs;
  }
}

const replacement = '\uFFFD';

/** Text as PostgreSQL takes it: without NUL and without halves of characters. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', replacement);
}

/** JSON as jsonb takes it: the same two cleaned out of every string and key. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return /\\u0000|\\ud[89a-f]/i.test(text) ? JSON.stringify(cleanDeep(value)) : text;
}

function cleanDeep(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), cleanDeep(inner)]));
}
