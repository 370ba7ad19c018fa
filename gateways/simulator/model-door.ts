import { faultAt, faultsDuring } from './faults.ts';
import type { Model } from './plan.ts';
import { digits, mix, unit } from './random.ts';
import type { Happening, HappeningEvent, ReadingGroup, Span, Values, World } from './world.ts';

const minuteMs = 60_000;
/** Passages are drawn per slot; none reaches further than the slot after. */
const slotMs = 10 * minuteMs;
const openMs: readonly [number, number] = [4_000, 11_000];
const deniedShare = 0.035;
const denialReasons = ['unknown-credential', 'expired', 'not-authorised', 'wrong-time'] as const;

interface Passage {
  readonly fromMs: number;
  /** The door is closed again; equal to `fromMs` when it was not opened. */
  readonly toMs: number;
  readonly granted: boolean;
  readonly key: number;
}

export interface DoorModel {
  readonly groups: readonly ReadingGroup[];
  happenings(span: Span): readonly Happening[];
}

/** An access door: a state report every minute and at each change, an event for each attempt. */
export function doorModel(
  deviceId: string,
  model: Extract<Model, { kind: 'door' }>,
  world: World,
): DoorModel {
  const key = world.keyOf(deviceId);
  const curve = world.loadCurve({ key: mix(key, 71), profile: 'traffic', peak: model.passagesPerHour });
  const passages = (span: Span): Passage[] => {
    const found: Passage[] = [];
    for (let slot = Math.floor(span.fromMs / slotMs) - 1; slot * slotMs < span.toMs; slot++) {
      const first = Math.floor(curve.total(slot * slotMs) + 1e-6);
      const end = Math.floor(curve.total((slot + 1) * slotMs) + 1e-6);
      for (let n = first; n < end; n++) found.push(passage(key, n, slot));
    }
    return found
      .filter(({ fromMs, toMs }) => fromMs < span.toMs && toMs >= span.fromMs)
      .sort((a, b) => a.fromMs - b.fromMs);
  };
  const state = (timeMs: number): Values => {
    const forced = faultAt(key, 'forced', timeMs) !== null;
    const held = faultAt(key, 'held-open', timeMs) !== null;
    const passing = passages({ fromMs: timeMs, toMs: timeMs + 1 }).some(
      ({ granted, toMs }) => granted && toMs > timeMs,
    );
    return {
      door: forced || held || passing ? 'open' : 'closed',
      lock: passing || held ? 'unlocked' : 'locked',
      forced,
      held_open: held,
      online: true,
    };
  };
  return {
    groups: [{ everyMs: minuteMs, backfillEveryMs: 60 * minuteMs, read: state }],
    happenings: (span) => {
      const within = (timeMs: number) => timeMs >= span.fromMs && timeMs < span.toMs;
      const changed = (timeMs: number): Happening => ({ timeMs, values: state(timeMs) });
      const attempts = passages(span).flatMap((one): Happening[] => [
        { timeMs: one.fromMs, event: attemptEvent(deviceId, one) },
        ...(one.granted ? [changed(one.fromMs), changed(one.toMs)] : []),
      ]);
      const troubles = (['forced', 'held-open'] as const).flatMap((kind) =>
        faultsDuring(key, kind, { fromMs: span.fromMs - 1, toMs: span.toMs }).flatMap(
          ({ fromMs, toMs }): Happening[] => [
            {
              timeMs: fromMs,
              event: {
                type: kind === 'forced' ? 'door.forced' : 'door.held_open',
                id: `${deviceId}-${fromMs}`,
                data: {},
              },
            },
            changed(fromMs),
            changed(toMs),
          ],
        ),
      );
      return [...attempts, ...troubles]
        .filter(({ timeMs }) => within(timeMs))
        .sort((a, b) => a.timeMs - b.timeMs);
    },
  };
}

function passage(doorKey: number, n: number, slot: number): Passage {
  const key = mix(doorKey, n);
  const fromMs = slot * slotMs + Math.floor(unit(key, 1) * slotMs);
  const granted = unit(key, 2) >= deniedShare;
  const toMs = granted ? Math.floor(fromMs + openMs[0] + (openMs[1] - openMs[0]) * unit(key, 3)) : fromMs;
  return { fromMs, toMs, granted, key };
}

function attemptEvent(deviceId: string, { fromMs, granted, key }: Passage): HappeningEvent {
  const credential = `SIM-${String(digits(unit(key, 4) * 1800, 0)).padStart(5, '0')}`;
  const direction = unit(key, 5) < 0.5 ? 'in' : 'out';
  const reason = denialReasons[Math.floor(unit(key, 6) * denialReasons.length)] ?? 'unknown-credential';
  return {
    type: granted ? 'access.granted' : 'access.denied',
    id: `${deviceId}-${fromMs}-${key}`,
    data: { credential, direction, ...(granted ? {} : { reason }) },
  };
}
