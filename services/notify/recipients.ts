import type { Severity } from '#schemas/device-class.ts';
import {
  isPersonal,
  type ChannelBody,
  type NoticeTarget,
  type RouteBody,
  type Step,
  type TeamBody,
} from '#schemas/notify.ts';
import { addressOf, type Book, type Person } from './book.ts';
import { quietUntil } from './quiet.ts';
import { onCall } from './roster.ts';

/** One message to one person by one channel, or to a group (`username` null). */
export interface Recipient {
  readonly channelId: string;
  readonly username: string | null;
  /** Later than now where quiet hours hold it back. */
  readonly dueMs: number;
}

/** Somebody who was to be told and cannot be: what a standing alarm names. */
export interface Hole {
  /** `roster-night`, `team-fire`, `person-wang`, `channel-mail`. */
  readonly object: string;
  readonly reason: string;
}

export interface Resolved {
  readonly recipients: readonly Recipient[];
  readonly holes: readonly Hole[];
  /** Nobody of those named could be reached, so that all administrators are told. */
  readonly isFallback: boolean;
}

interface Question {
  readonly step: Step;
  readonly route: Pick<RouteBody, 'breaksQuiet'>;
  readonly severity: Severity;
  /** The responsible team of the rule; empty for none. */
  readonly team: string;
  readonly nowMs: number;
}

interface Named {
  readonly people: readonly string[];
  readonly holes: readonly Hole[];
  /** On call: quiet hours do not count. */
  readonly onDuty: readonly string[];
}

/**
 * Whom a step reaches now, and by what; pure. Where people are named and none of them can be reached, all
 * administrators are told by every way they have.
 */
export function resolveStep(book: Book, question: Question): Resolved {
  const { step } = question;
  const channels = usable(book, step.channels);
  const named = step.targets.map((target) => peopleOf(book, target, question));
  const onDuty = new Set(named.flatMap((each) => each.onDuty));
  const holes = [...named.flatMap((each) => each.holes), ...channels.holes];
  const personal = step.channels.some((id) => isPersonalChannel(book, id))
    ? channels.found
    : usable(book, []).found;
  const told = [...new Set(named.flatMap((each) => each.people))].map((username) => {
    const person = book.people.get(username);
    const recipients = person === undefined ? [] : waysTo(book, { person, channels: personal, question });
    if (recipients.length === 0) holes.push({ object: `person-${username}`, reason: unreachable(person) });
    return onDuty.has(username) ? recipients.map((each) => ({ ...each, dueMs: question.nowMs })) : recipients;
  });
  const people = told.flat();
  const groups = channels.found
    .filter((channel) => !isPersonal(channel.config.kind))
    .map((channel) => ({ channelId: channel.id, username: null, dueMs: question.nowMs }));
  const isFallback = people.length === 0 && (step.targets.length > 0 || groups.length === 0);
  const admins = isFallback ? adminRecipients(book, question.nowMs) : [];
  return { recipients: unique([...people, ...groups, ...admins]), holes, isFallback };
}

/** All administrators by every way they have, quiet hours or not: the end of every chain. */
export function adminRecipients(book: Book, nowMs: number): Recipient[] {
  const channels = usable(book, []).found;
  return administrators(book).flatMap((person) =>
    channels
      .filter((channel) => addressOf(person, channel.config.kind) !== undefined)
      .map((channel) => ({ channelId: channel.id, username: person.username, dueMs: nowMs })),
  );
}

/**
 * One person by every way of their own: those that they want for this severity, else every one that reaches them. Quiet
 * hours count.
 */
export function recipientsOf(
  book: Book,
  username: string,
  asked: Pick<Question, 'severity' | 'nowMs'>,
): Recipient[] {
  const person = book.people.get(username);
  if (person === undefined || !person.isActive) return [];
  const channels = usable(book, []).found;
  const wanted = waysTo(book, { person, channels, question: { ...asked, route: { breaksQuiet: false } } });
  if (wanted.length > 0) return wanted;
  return channels
    .filter((channel) => addressOf(person, channel.config.kind) !== undefined)
    .map((channel) => ({ channelId: channel.id, username, dueMs: asked.nowMs }));
}

function administrators(book: Book): Person[] {
  return [...book.people.values()].filter((person) => person.isAdmin && person.isActive);
}

function isPersonalChannel(book: Book, id: string): boolean {
  const channel = book.channels.get(id);
  return channel !== undefined && isPersonal(channel.config.kind);
}

/** The named channels that can be used; every personal one when none is named. */
function usable(
  book: Book,
  ids: readonly string[],
): { found: readonly ChannelBody[]; holes: readonly Hole[] } {
  if (ids.length === 0) {
    const personal = [...book.channels.values()].filter(
      (channel) => channel.enabled && isPersonal(channel.config.kind),
    );
    return { found: personal, holes: [] };
  }
  const holes = ids
    .filter((id) => book.channels.get(id)?.enabled !== true)
    .map((id) => ({
      object: `channel-${id}`,
      reason: book.channels.has(id) ? 'is switched off' : 'is gone',
    }));
  const found = ids.flatMap((id) => book.channels.get(id) ?? []).filter((channel) => channel.enabled);
  return { found, holes };
}

function peopleOf(book: Book, target: NoticeTarget, { team, nowMs }: Question): Named {
  if (target.kind === 'person') return { people: [target.id], holes: [], onDuty: [] };
  if (target.kind === 'admins') {
    return { people: administrators(book).map(({ username }) => username), holes: [], onDuty: [] };
  }
  if (target.kind === 'roster') return onCallOf(book, target.id, nowMs);
  const id = target.kind === 'team' ? target.id : team;
  const found = teamOf(book, id);
  const people = found?.people ?? [];
  if (people.length > 0) return { people, holes: [], onDuty: [] };
  const object = id === '' ? 'rule-team' : `team-${id}`;
  const reason = id === '' ? 'the rule names no team' : found === undefined ? 'is gone' : 'has nobody';
  return { people: [], holes: [{ object, reason }], onDuty: [] };
}

/** Rules name teams in words: by id, or by name. */
function teamOf(book: Book, named: string): TeamBody | undefined {
  return book.teams.get(named) ?? [...book.teams.values()].find((team) => team.name === named);
}

function onCallOf(book: Book, rosterId: string, nowMs: number): Named {
  const roster = book.rosters.get(rosterId);
  const object = `roster-${rosterId}`;
  if (roster === undefined) return { people: [], holes: [{ object, reason: 'is gone' }], onDuty: [] };
  const { people } = onCall(roster, nowMs, book);
  if (people.length === 0) return { people, holes: [{ object, reason: 'nobody is on call' }], onDuty: [] };
  return { people, holes: [], onDuty: people };
}

function waysTo(
  book: Book,
  {
    person,
    channels,
    question,
  }: {
    person: Person;
    channels: readonly ChannelBody[];
    question: Pick<Question, 'severity' | 'nowMs' | 'route'>;
  },
): Recipient[] {
  if (!person.isActive) return [];
  const { severity, nowMs, route } = question;
  const { quiet, ways } = person.preferences;
  const dueMs = route.breaksQuiet ? nowMs : quietUntil(quiet, { severity, nowMs }, book.clock);
  return channels
    .filter(({ config: { kind } }) => isPersonal(kind) && ways[kind].includes(severity))
    .filter((channel) => addressOf(person, channel.config.kind) !== undefined)
    .map((channel) => ({ channelId: channel.id, username: person.username, dueMs }));
}

function unreachable(person: Person | undefined): string {
  if (person === undefined) return 'there is no such user';
  return person.isActive ? 'has no way to be reached' : 'is disabled';
}

function unique(recipients: readonly Recipient[]): Recipient[] {
  const byKey = new Map<string, Recipient>();
  for (const each of recipients) {
    const key = `${each.channelId} ${each.username ?? ''}`;
    const known = byKey.get(key);
    if (known === undefined || each.dueMs < known.dueMs) byKey.set(key, each);
  }
  return [...byKey.values()];
}
