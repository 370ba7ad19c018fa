import type { MappingDesk, Tried } from '#schemas/api/mappings.ts';
import { unitOf } from '#schemas/mapping.ts';
import { applyMappings, type Mapped } from './apply.ts';
import type { MappingSet } from './compile.ts';
import { parseMappings } from './config.ts';
import { readReadyMade } from './ready-made.ts';

/** What the API may ask about mappings. */
export function mappingDesk(): MappingDesk {
  return {
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
    return { ...tried, refused: { reason: content.reason, detail: content.detail } };
  }
  if (content.kind === 'status') return { ...tried, status: content.status };
  const rejected = [...content.rejected];
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

function instant(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
