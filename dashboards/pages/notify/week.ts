import type { OnCallSpan } from '../../app/notify-api.ts';
import { formatTime } from '../../app/format.ts';
import { instantOfWall, wallMs } from '../../app/zone.ts';

const dayMs = 86_400_000;

/** One local day of the park. */
export interface WeekDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** Monday is 1. */
  readonly weekday: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Week {
  readonly days: readonly WeekDay[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Monday to Sunday by the park's clock: this week, or `shift` weeks later. */
export function weekOf(presentMs: number, shift: number, timeZone: string): Week {
  const today = Math.floor(wallMs(presentMs, timeZone) / dayMs) * dayMs;
  const sinceMonday = (new Date(today).getUTCDay() + 6) % 7;
  const monday = today + (shift * 7 - sinceMonday) * dayMs;
  const days = ([1, 2, 3, 4, 5, 6, 7] as const).map((weekday): WeekDay => {
    const wall = monday + (weekday - 1) * dayMs;
    return {
      day: new Date(wall).toISOString().slice(0, 10),
      weekday,
      fromMs: instantOfWall(wall, timeZone),
      toMs: instantOfWall(wall + dayMs, timeZone),
    };
  });
  return { days, fromMs: days[0]?.fromMs ?? 0, toMs: days[6]?.toMs ?? 0 };
}

/** The local day of now. */
export function localDay(presentMs: number, timeZone: string): string {
  return formatTime(presentMs, timeZone).slice(0, 10);
}

/** A part of a day in which the same people stand; where it stands in the column, percent. */
export interface Block {
  readonly span: OnCallSpan;
  readonly fromMs: number;
  readonly toMs: number;
  readonly top: number;
  readonly height: number;
}

export function blocksOfDay(day: Pick<WeekDay, 'fromMs' | 'toMs'>, spans: readonly OnCallSpan[]): Block[] {
  const length = day.toMs - day.fromMs;
  return spans.flatMap((span) => {
    const fromMs = Math.max(Date.parse(span.from), day.fromMs);
    const toMs = Math.min(Date.parse(span.to), day.toMs);
    if (fromMs >= toMs) return [];
    return [
      {
        span,
        fromMs,
        toMs,
        top: ((fromMs - day.fromMs) / length) * 100,
        height: ((toMs - fromMs) / length) * 100,
      },
    ];
  });
}

/** The same people have the same tint wherever they stand; it means nothing else. */
export function hueOf(usernames: readonly string[]): Record<string, string> {
  if (usernames.length === 0) return {};
  let hash = 0;
  for (const sign of usernames.join(' ')) hash = (hash * 31 + (sign.codePointAt(0) ?? 0)) % 360;
  return { '--hue': String(hash) };
}
