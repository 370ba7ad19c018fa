import type { CalendarDay } from '#schemas/alarm-schedule.ts';
import type {
  ChannelBody,
  ChannelKind,
  Preferences,
  PushAddress,
  ReportBody,
  Roster,
  RouteBody,
  TeamBody,
} from '#schemas/notify.ts';
import type { WallClock } from '#schemas/wall-clock.ts';

/** Somebody who can be told. */
export interface Person {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  readonly isAdmin: boolean;
  /** Their role acknowledges alarms. */
  readonly mayHandle: boolean;
  /** Neither disabled nor past their time. */
  readonly isActive: boolean;
  readonly preferences: Preferences;
  /** In which they are told by Web Push. */
  readonly browsers: readonly PushAddress[];
}

/** Everything that decides who is told; read as one, so that a decision never mixes two states of it. */
export interface Book {
  readonly channels: ReadonlyMap<string, ChannelBody>;
  readonly teams: ReadonlyMap<string, TeamBody>;
  readonly rosters: ReadonlyMap<string, Roster>;
  /** In the order in which they are asked. */
  readonly routes: readonly RouteBody[];
  readonly reports: readonly ReportBody[];
  readonly people: ReadonlyMap<string, Person>;
  readonly clock: WallClock;
  /** Days on which the park does not follow the weekday, by `YYYY-MM-DD`. */
  readonly calendar: ReadonlyMap<string, CalendarDay['kind']>;
}

/** Where a personal channel reaches somebody; undefined when they gave no address for it. */
export function addressOf(person: Person, kind: ChannelKind): string | undefined {
  const { email, phone } = person.preferences;
  if (kind === 'console') return person.username;
  if (kind === 'push') return person.browsers.length > 0 ? person.username : undefined;
  if (kind === 'email') return email ?? undefined;
  return kind === 'http' ? (phone ?? undefined) : undefined;
}
