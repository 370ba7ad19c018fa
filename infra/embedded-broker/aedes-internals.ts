import type { Client, PublishPacket } from 'aedes';
import { isPublishQos1, placeOf, readPublish, type RawPublish } from './publish-reader.ts';

/**
 * What we use of aedes beyond its public types, all in one place. The library is pinned exactly, and
 * test/infra/embedded-broker.test.ts fails when one of these is gone or behaves otherwise.
 */
interface ClientInside extends Client {
  /** Stops reading the connection; `resume` goes on. */
  pause(): void;
  resume(): void;
  /** How many packets of the last chunk are still being handled; the next chunk is read at 0. */
  _parsingBatch: number;
  _nextBatch(): void;
  readonly will: PublishPacket | null;
  readonly _parser: ParserInside;
  readonly connackSent: boolean;
  readonly _keepaliveTimer: { refresh(): void } | null;
  /** Ends the connection when the socket does not take what was written in time. */
  waitForDrain(done: () => void): void;
}

interface ParserInside {
  readonly packet: { readonly length: number };
  readonly error: Error | null;
  /** Bytes of a packet that is not whole yet. */
  readonly _list: { readonly length: number };
  /** 0 between two packets. */
  readonly _stateCounter: number;
  parse(chunk: Buffer): number;
  _parseLength(): boolean;
  _emitError(error: Error): void;
}

export function pauseReading(client: Client): void {
  (client as ClientInside).pause();
}

/** Not `resume` alone: packets that ended while paused were not counted down, and the count would never reach 0. */
export function resumeReading(client: Client): void {
  const inside = client as ClientInside;
  inside._parsingBatch = 0;
  inside.resume();
}

/**
 * Reads the next chunk although packets of the last one are still held: otherwise pings behind a held packet would
 * wait for the commit. Never call it while aedes parses (it would parse inside a parse).
 */
export function readOn(client: Client): void {
  const inside = client as ClientInside;
  inside._parsingBatch = 0;
  inside._nextBatch();
}

/** aedes passes a last will through the same hook as a publish, on the client that has just closed. */
export function isWill(client: Client | null, packet: PublishPacket): boolean {
  return client === null || client.closed || (client as ClientInside).will === packet;
}

/** Ends the connection as soon as the header of a packet announces more than `maxBytes`: the parser has no limit. */
export function limitPacketBytes(client: Client, maxBytes: () => number): void {
  const parser = (client as ClientInside)._parser;
  const parseLength = parser._parseLength.bind(parser);
  parser._parseLength = () => {
    if (!parseLength()) return false;
    if (parser.packet.length <= maxBytes()) return true;
    parser._emitError(new Error(`packet of ${parser.packet.length} bytes, at most ${maxBytes()} are read`));
    return false;
  };
}

/** Bytes of a packet that is not whole yet, kept here; a longer one goes to the general parser as it comes. */
const keptBytes = 16 * 1024;
/** A first byte and a remaining length. */
const headerBytesMost = 5;

/**
 * Takes field publishes out of a connection's bytes before the general parser sees them; it gets everything else, packet
 * by packet, in its place.
 */
export function takePublishes(client: Client, take: (publish: RawPublish) => void): void {
  const inside = client as ClientInside;
  const parser = inside._parser;
  const parse = parser.parse.bind(parser);
  let kept: Buffer | null = null;
  parser.parse = (given) => {
    const isBetween = parser._list.length === 0 && parser._stateCounter === 0 && parser.error === null;
    if (!inside.connackSent || !isBetween) return parse(given);
    const chunk = kept === null ? given : Buffer.concat([kept, given]);
    kept = null;
    for (let at = 0; at < chunk.length && !client.closed;) {
      const place = placeOf(chunk, at);
      if (place === null || place.endAt > chunk.length) {
        const rest = chunk.subarray(at);
        const isShort = place === null ? rest.length <= headerBytesMost : place.endAt - at <= keptBytes;
        if (isShort && isPublishQos1(rest[0])) kept = rest;
        else parse(rest);
        break;
      }
      const publish = isPublishQos1(chunk[at]) ? readPublish(chunk, place) : null;
      if (publish === null) parse(chunk.subarray(at, place.endAt));
      else take(publish);
      at = place.endAt;
    }
    inside._keepaliveTimer?.refresh();
    return 0;
  };
}

/** Writes to the connection as the broker does: who does not read what we answer is disconnected in the end. */
export function writeTo(client: Client, bytes: Buffer): void {
  if (client.closed || client.conn.destroyed) return;
  if (!client.conn.write(bytes)) (client as ClientInside).waitForDrain(() => undefined);
}
