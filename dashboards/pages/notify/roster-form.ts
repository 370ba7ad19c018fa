import type { Dayjs } from 'dayjs';
import type { Roster, RosterWrite } from '../../app/notify-api.ts';
import { instantOf, pickerDate } from '../../components/dates.ts';

/** What a form of a roster holds: overrides as the pickers show them. */
export interface RosterValues {
  readonly id: string;
  readonly name: string;
  readonly shifts: Roster['shifts'];
  readonly holidayPeople: Roster['holidayPeople'];
  readonly overrides: readonly {
    readonly range?: readonly [Dayjs | null, Dayjs | null] | null;
    readonly people?: string[];
    readonly reason?: string;
  }[];
}

/** One shift that hands over every week, from today on. */
export function emptyRoster(presentMs: number): Pick<RosterValues, 'shifts' | 'holidayPeople' | 'overrides'> {
  const startDay = new Date(presentMs).toISOString().slice(0, 10);
  const shift = {
    name: '',
    people: [],
    every: 'week',
    count: 1,
    startDay,
    handover: '08:00',
    windows: [],
  } as const;
  return { shifts: [{ ...shift, people: [], windows: [] }], holidayPeople: [], overrides: [] };
}

export function rosterForm(roster: Roster, timeZone: string): RosterValues {
  return {
    ...roster,
    overrides: roster.overrides.map(({ from, to, people, reason }) => ({
      range: [pickerDate(from, timeZone), pickerDate(to, timeZone)],
      people,
      reason,
    })),
  };
}

export function rosterWrite(
  values: RosterValues,
  timeZone: string,
): RosterWrite & { id: string; name: string } {
  const { id, name, shifts, holidayPeople, overrides } = values;
  return {
    id,
    name,
    shifts: [...shifts],
    holidayPeople: [...holidayPeople],
    overrides: overrides.map(({ range, people = [], reason = '' }) => ({
      from: instantOf(range?.[0], timeZone) ?? '',
      to: instantOf(range?.[1], timeZone) ?? '',
      people,
      reason,
    })),
  };
}
