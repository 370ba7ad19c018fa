import dayjs from 'dayjs';
import { formatTime } from '../app/format.ts';
import { instantOfWall } from '../app/zone.ts';

/** What antd's pickers show of an instant (RFC 3339): the wall clock of the park, wherever the browser stands. */
export function pickerDate(instant: string, timeZone: string): dayjs.Dayjs | null {
  const timeMs = Date.parse(instant);
  return Number.isNaN(timeMs) ? null : dayjs(formatTime(timeMs, timeZone).replace(' ', 'T'));
}

/** The instant (RFC 3339, UTC) of what a picker shows as the park's wall clock. */
export function instantOf(date: dayjs.Dayjs | null | undefined, timeZone: string): string | null {
  if (date === null || date === undefined) return null;
  const wall = Date.parse(`${date.format('YYYY-MM-DDTHH:mm:ss')}Z`);
  return new Date(instantOfWall(wall, timeZone)).toISOString();
}
