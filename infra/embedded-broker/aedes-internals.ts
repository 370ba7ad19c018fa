import type { Client, PublishPacket } from 'aedes';

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
}

interface ParserInside {
  readonly packet: { readonly length: number };
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
