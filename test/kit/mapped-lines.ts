import { inEnglish } from '#schemas/phrases.ts';
import type { Mapped } from '#gateways/mapping/apply.ts';

/** What mappings made of a message, a line for each thing: short enough to be checked by eye. */
export function mappedLines(mapped: readonly Mapped[]): string[] {
  return mapped.flatMap(({ deviceId, content }) => {
    const device = deviceId ?? '?';
    if (content.kind === 'refused')
      return [`${device} refused ${content.reason}: ${inEnglish(content.detail)}`];
    const at = (timeMs: number) => new Date(timeMs).toISOString();
    if (content.kind === 'status') return [`${device} is ${content.status}`];
    const rejected = content.rejected.map(
      ({ metric, reason, detail }) => `${device} ${metric} rejected ${reason}: ${inEnglish(detail)}`,
    );
    if (content.kind === 'event') {
      const events = content.events.map(
        ({ type, id, data, timeMs }) => `${device} ${type} #${id} ${JSON.stringify(data)} at ${at(timeMs)}`,
      );
      return [...events, ...rejected];
    }
    const samples = content.samples.map(
      ({ metric, value, quality, timeMs, untimed }) =>
        `${device} ${metric} = ${value} ${quality} ${untimed ? 'untimed' : `at ${at(timeMs)}`}`,
    );
    return [...samples, ...rejected];
  });
}
