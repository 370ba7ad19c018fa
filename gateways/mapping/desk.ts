import { toSaid, type Said } from '#schemas/api/common.ts';
import type { MappingDesk, Tried } from '#schemas/api/mappings.ts';
import { unitOf } from '#schemas/mapping.ts';
import { inEnglish, type Phrase } from '#schemas/phrases.ts';
import { applyMappings, type Mapped } from './apply.ts';
import type { MappingBook } from './book.ts';
import type { MappingSet } from './compile.ts';
import { parseMappings } from './config.ts';
import { readReadyMade } from './ready-made.ts';

/** What the API may ask about mappings. @param book of this process, where it has one */
export function mappingDesk(book?: Pick<MappingBook, 'ofFile'>): MappingDesk {
  return {
    check(mapping) {
      const read = parseMappings(mapping);
      if (!read.ok) return [...read.faults];
      const taken = new Set(book?.ofFile().map(({ id }) => id));
      return read.value.mappings.flatMap(({ id }, index) => {
        const line = lineOf(mapping, id);
        const message = `${id} is a mapping of the configuration file already`;
        return taken.has(id) ? [{ path: `mappings[${index}].id`, message, line, column: 1 }] : [];
      });
    },
    fileMappings: () => book?.ofFile().length ?? null,
    tryMapping({ mapping, topic, payload, clientId }, receivedAtMs) {
      const read = parseMappings(mapping);
      if (!read.ok) return { faults: [...read.faults], results: [] };
      const message = { topic, bytes: new TextEncoder().encode(payload), receivedAtMs, clientId };
      const results = applyMappings(read.value, message).map((mapped) => toTried(mapped, read.value));
      return { faults: [], results };
    },
    readyMade: () => ({
      items: readReadyMade().map(({ name, text }) => ({ name, mapping: text })),
      nextCursor: null,
    }),
  };
}

/** The first line that gives this id. */
function lineOf(text: string, id: string): number {
  const lines = text.split('\n');
  return (
    Math.max(
      lines.findIndex((line) => /\bid:/.test(line) && line.includes(id)),
      0,
    ) + 1
  );
}

function toTried({ mappingId, deviceId, content }: Mapped, set: MappingSet): Tried {
  const tried: Tried = {
    mappingId,
    deviceId,
    refused: null,
    samples: [],
    events: [],
    rejected: [],
    status: null,
  };
  if (content.kind === 'refused') {
    return { ...tried, refused: { reason: content.reason, ...toldOf(content.detail) } };
  }
  if (content.kind === 'status') return { ...tried, status: content.status };
  const rejected = content.rejected.map(({ detail, ...value }) => ({ ...value, ...toldOf(detail) }));
  if (content.kind === 'event') {
    const events = content.events.map(({ timeMs, ...event }) => ({ ...event, time: instant(timeMs) }));
    return { ...tried, rejected, events };
  }
  const mapping = set.mappings.find(({ id }) => id === mappingId);
  const samples = content.samples.map(({ metric, value, quality, timeMs, untimed }) => {
    const unit = mapping === undefined ? null : unitOf(mapping, metric);
    return { metric, value, unit, quality, time: instant(timeMs), untimed };
  });
  return { ...tried, rejected, samples };
}

/** In English, and as the console says it in any language. */
function toldOf(said: Phrase): { detail: string; said: Said } {
  return { detail: inEnglish(said), said: toSaid(said) };
}

function instant(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
