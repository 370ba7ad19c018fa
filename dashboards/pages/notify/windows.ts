import type { TimeWindow } from '#schemas/time-window.ts';
import type { Translate } from '../../app/i18n.ts';

/** Hours in words: `Mon Tue 22:00–07:00`. */
export function windowsText(t: Translate, windows: readonly TimeWindow[]): string {
  return windows
    .map(({ days, from, to }) => {
      const named =
        days.length === 7 ? '' : `${days.map((day) => t(`notify.weekday.d${weekday(day)}`)).join(' ')} `;
      return `${named}${from}–${to}`;
    })
    .join(', ');
}

function weekday(day: number): 1 | 2 | 3 | 4 | 5 | 6 | 7 {
  return ([1, 2, 3, 4, 5, 6, 7] as const)[day - 1] ?? 1;
}
