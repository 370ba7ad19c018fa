import type { Model } from './plan.ts';
import { mix, textKey, unit } from './random.ts';
import type { FieldValue, Happening, ReadingGroup, Span, World } from './world.ts';

const minuteMs = 60_000;
/** Events are drawn per slot; each has at most one of a type. */
const slotMs = 10 * minuteMs;
const slotsADay = 144;
/** People who carry a card, as at the doors. */
const cards = 1_800;

/** Another system that is there, and perhaps a number of what it counts. */
export function systemGroups(model: Extract<Model, { kind: 'system' }>): ReadingGroup[] {
  return [{ everyMs: minuteMs, backfillEveryMs: 60 * minuteMs, read: () => model.values }];
}

/** What a device or another system reports of its use: so many times a day of each type, by day more than by night. */
export function systemHappenings(
  deviceId: string,
  events: readonly (readonly [type: string, perDay: number])[],
  world: World,
): (span: Span) => Happening[] {
  const deviceKey = world.keyOf(deviceId);
  return (span) => {
    const found: Happening[] = [];
    for (const [type, perDay] of events) {
      const key = mix(deviceKey, textKey(type));
      for (let slot = Math.floor(span.fromMs / slotMs); slot * slotMs < span.toMs; slot++) {
        if (unit(key, slot) >= perDay / slotsADay) continue;
        const timeMs = slot * slotMs + Math.floor(unit(mix(key, 1), slot) * slotMs);
        if (timeMs < span.fromMs || timeMs >= span.toMs) continue;
        found.push({
          timeMs,
          event: { type, id: `${deviceId}-${type}-${slot}`, data: dataOf(type, mix(key, slot)) },
        });
      }
    }
    return found.sort((a, b) => a.timeMs - b.timeMs);
  };
}

/** Who, where the event is about a card; which programme, where it is about a screen. */
function dataOf(type: string, key: number): Record<string, FieldValue> {
  if (type === 'vehicle.entered' || type === 'payment.settled') {
    return { credential: `SIM-${String(Math.floor(unit(key, 2) * cards)).padStart(5, '0')}` };
  }
  if (type === 'content.shown') return { publication: `P-${key}` };
  return {};
}
