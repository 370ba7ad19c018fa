/** A part of every local day, closed-open; one that ends before it begins goes over midnight. */
export interface BoardHours {
  readonly from: string;
  readonly to: string;
}

const minutesOf = (clock: string) => 60 * Number(clock.slice(0, 2)) + Number(clock.slice(3));

/** Whether a minute of the local day lies within hours. */
export function isWithin({ from, to }: BoardHours, minute: number): boolean {
  const [start, end] = [minutesOf(from), minutesOf(to)];
  return start < end ? minute >= start && minute < end : minute >= start || minute < end;
}
