import type { NoticeKind, RouteBody } from '#schemas/notify.ts';
import type { Queryable } from '#infra/postgres.ts';
import { tellAssignees } from './assignment.ts';
import type { Book } from './book.ts';
import { cancelWaiting, deliveryKey, insertDeliveries, toldOf, type NewDelivery } from './delivery-store.ts';
import { runningFloods } from '#services/alarms/flood-store.ts';
import { endOf, firstTime, takeTurn, type Turn } from './escalation.ts';
import { loadFacts, type KnownAlarm } from './facts-store.ts';
import { floodDueMs } from './flood-digest.ts';
import type { NoticeFacts } from './facts.ts';
import {
  endNotices,
  insertNotices,
  openNoticesOf,
  rewindCursor,
  saveProgress,
  takeDueNotices,
  takeTransitions,
  type NewNotice,
  type NewTransition,
  type OpenNotice,
} from './notice-store.ts';
import { resolveStep, type Recipient } from './recipients.ts';
import { routesFor } from './route.ts';

/** Transitions, and tellings, that one transaction takes. */
const pageSize = 200;
const turnsAtOnce = 100;
/** What was over for so long before anybody could be told of it is recorded, and nobody is woken. */
const pastMs = 3_600_000;
const minuteMs = 60_000;

/** What planning decides by. */
export interface Planning {
  readonly book: Book;
  readonly nowMs: number;
}

/** Transitions after which somebody may have to be told. */
const opening: ReadonlySet<string> = new Set(['raised', 'unshelved', 'in-service', 'unsuppressed']);
/** Transitions after which nobody has to act any more. */
const closing: ReadonlySet<string> = new Set([
  'acknowledged',
  'cleared',
  'shelved',
  'out-of-service',
  'suppressed',
]);

/**
 * Turns alarm transitions into tellings that begin, go on or end. Everything stands with the cursor in the caller's
 * transaction, and planning the same transition again changes nothing.
 * @returns whether there may be more
 */
export async function planTransitions(client: Queryable, planning: Planning): Promise<boolean> {
  const transitions = await takeTransitions(client, pageSize);
  if (transitions === undefined) {
    await rewindCursor(client);
    return true;
  }
  if (transitions.length === 0) return false;
  const alarms = await loadFacts(client, [...new Set(transitions.map((each) => each.alarmId))]);
  await insertNotices(
    client,
    transitions.flatMap((transition) => beginnings(transition, alarms.get(transition.alarmId), planning)),
  );
  await endWhatIsOver(client, { transitions, alarms, planning });
  await tellTheEnd(client, { transitions, alarms, planning });
  await tellAssignees(client, { transitions, alarms, planning });
  return transitions.length === pageSize;
}

/** The tellings that begin with a transition. */
function beginnings(
  transition: NewTransition,
  alarm: KnownAlarm | undefined,
  { book, nowMs }: Planning,
): NewNotice[] {
  if (alarm === undefined || !opening.has(transition.kind)) return [];
  const { facts, standing } = alarm;
  const isRaised = transition.kind === 'raised';
  if (standing.held !== null || standing.acknowledgedBy !== null) return [];
  if (!isRaised && standing.clearedMs !== null) return [];
  const isPast = standing.clearedMs !== null && standing.clearedMs < nowMs - pastMs;
  // What was raised by late data is told from now on: its steps follow each other as they should.
  const openedMs = isRaised ? Math.max(facts.raisedMs, nowMs - pastMs) : nowMs;
  return routesFor(book.routes, facts, book.clock).map((route) => ({
    alarmId: facts.alarmId,
    transitionId: transition.id,
    routeId: route.id,
    openedMs,
    nextMs: isPast ? nowMs : Math.max(firstTime(route, openedMs), nowMs),
    endReason: isPast ? 'past' : null,
  }));
}

interface Planned {
  readonly transitions: readonly NewTransition[];
  readonly alarms: ReadonlyMap<number, KnownAlarm>;
  readonly planning: Planning;
}

/** By where the alarm stands now, not by what happened in between: the order of transitions does not matter. */
async function endWhatIsOver(client: Queryable, { transitions, alarms, planning }: Planned): Promise<void> {
  const { book, nowMs } = planning;
  const touched = transitions.filter(({ kind }) => closing.has(kind)).map(({ alarmId }) => alarmId);
  if (touched.length === 0) return;
  const routes = new Map(book.routes.map((route) => [route.id, route]));
  const ends = (await openNoticesOf(client, [...new Set(touched)])).map((notice) => {
    const alarm = alarms.get(notice.alarmId);
    const route = routes.get(notice.routeId);
    const reason = alarm === undefined ? null : endOf(route, alarm.standing);
    // Who was to be told at once is told that it was, though it is over.
    return { id: notice.id, reason: reason === 'cleared' && tellsAnyway(notice, route) ? null : reason };
  });
  for (const [reason, notices] of Map.groupBy(ends, (each) => each.reason)) {
    if (reason !== null)
      await endNotices(
        client,
        notices.map(({ id }) => id),
        { reason, nowMs },
      );
  }
  const over = touched.filter((id) => {
    const standing = alarms.get(id)?.standing;
    return standing !== undefined && (standing.acknowledgedBy !== null || standing.held !== null);
  });
  for (const id of new Set(over)) {
    const standing = alarms.get(id)?.standing;
    await cancelWaiting(client, [id], { reason: standing?.held ?? 'acknowledged', nowMs });
  }
}

function tellsAnyway(notice: OpenNotice, route: RouteBody | undefined): boolean {
  return notice.step === 0 && route?.steps[0]?.afterMinutes === 0;
}

/** Who was told of an alarm is told that it was acknowledged, or has cleared, where the route says so. */
async function tellTheEnd(client: Queryable, { transitions, alarms, planning }: Planned): Promise<void> {
  const { book, nowMs } = planning;
  const last = transitions.filter(({ kind }) => kind === 'acknowledged' || kind === 'cleared');
  if (last.length === 0) return;
  const routes = new Map(book.routes.map((route) => [route.id, route]));
  const told = Map.groupBy(
    await toldOf(client, [...new Set(last.map(({ alarmId }) => alarmId))]),
    (each) => each.alarmId,
  );
  const deliveries = last.flatMap((transition) => {
    const alarm = alarms.get(transition.alarmId);
    const kind = transition.kind === 'acknowledged' ? 'acknowledged' : 'cleared';
    if (alarm === undefined) return [];
    return (told.get(transition.alarmId) ?? [])
      .filter(({ routeId }) => routes.get(routeId)?.[kind === 'cleared' ? 'tellCleared' : 'tellAcknowledged'])
      .filter(({ username }) => username === null || username !== transition.actor)
      .map(({ noticeId, channelId, username }): NewDelivery => {
        const { id: transitionId, actor } = transition;
        return {
          key: deliveryKey({ transitionId, kind, step: 0, repeat: 0, username, channelId }),
          noticeId,
          channelId,
          username,
          digest: false,
          dueMs: nowMs,
          message: {
            kind,
            facts: alarm.facts,
            number: 0,
            by: kind === 'acknowledged' ? (book.people.get(actor)?.displayName ?? actor) : null,
            people: [],
          },
        };
      });
  });
  await insertDeliveries(client, deliveries, nowMs);
}

/**
 * Runs the steps that are due.
 * @returns whether there may be more
 */
export async function runTurns(client: Queryable, planning: Planning): Promise<boolean> {
  const { book, nowMs } = planning;
  const notices = await takeDueNotices(client, nowMs, turnsAtOnce);
  if (notices.length === 0) return false;
  const alarms = await loadFacts(client, [...new Set(notices.map((each) => each.alarmId))]);
  const floods = await runningFloods(client);
  const routes = new Map(book.routes.map((route) => [route.id, route]));
  const deliveries: NewDelivery[] = [];
  for (const notice of notices) {
    const alarm = alarms.get(notice.alarmId);
    const route = routes.get(notice.routeId);
    const reason = alarm === undefined ? 'gone' : endOf(route, alarm.standing);
    const isTold = reason === null || (reason === 'cleared' && tellsAnyway(notice, route));
    if (alarm !== undefined && route !== undefined && isTold) {
      const turn = takeTurn(route, notice, nowMs);
      const floodId = floods.get(alarm.position);
      deliveries.push(...messagesOf(turn, { notice, route, facts: alarm.facts, floodId, planning }));
      await saveProgress(client, notice.id, { ...turn.next, nextMs: turn.nextMs });
    }
    if (reason !== null) await endNotices(client, [notice.id], { reason, nowMs });
  }
  await insertDeliveries(client, deliveries, nowMs);
  return notices.length === turnsAtOnce;
}

interface Telling {
  readonly notice: OpenNotice;
  readonly route: RouteBody;
  readonly facts: NoticeFacts;
  /** The flood that goes on where the alarm belongs. */
  readonly floodId: number | undefined;
  readonly planning: Planning;
}

/** The messages of one step, each with the key of what it says to whom by what. */
function messagesOf(turn: Turn, telling: Telling): NewDelivery[] {
  const { notice, route, facts, floodId, planning } = telling;
  const { book, nowMs } = planning;
  const step = turn.run === null ? undefined : route.steps[turn.run];
  if (step === undefined || turn.run === null) return [];
  const { severity, team } = facts;
  const { recipients, isFallback } = resolveStep(book, { step, route, severity, team, nowMs });
  const repeat = turn.next.repeats;
  const people = [...new Set(recipients.flatMap(({ username }) => username ?? []))];
  const digestMinutes = severity === 'critical' || isFallback ? null : route.digestMinutes;
  return recipients.map((recipient): NewDelivery => {
    const { channelId, username } = recipient;
    const kind = isFallback ? 'fallback' : kindOf(turn.run ?? 0, repeat);
    const key = { transitionId: notice.transitionId, kind, step: turn.run ?? 0, repeat, username, channelId };
    // Programs read one message for each alarm, whatever goes on.
    const isOfFlood = floodId !== undefined && book.channels.get(channelId)?.config.kind !== 'webhook';
    const dueMs = dueOf(recipient, digestMinutes);
    return {
      key: deliveryKey(key),
      noticeId: notice.id,
      channelId,
      username,
      digest: digestMinutes !== null,
      ...(isOfFlood ? { floodId, dueMs: floodDueMs(dueMs, severity) } : { dueMs }),
      message: { kind, facts, number: repeat + 1, by: null, people: username === null ? people : [] },
    };
  });
}

function kindOf(step: number, repeat: number): NoticeKind {
  if (repeat > 0) return 'repeated';
  return step === 0 ? 'raised' : 'escalated';
}

/** What waits for a digest goes out with the others at the next full multiple of its length. */
function dueOf({ dueMs }: Recipient, digestMinutes: number | null): number {
  if (digestMinutes === null) return dueMs;
  const lengthMs = digestMinutes * minuteMs;
  return Math.ceil((dueMs + 1) / lengthMs) * lengthMs;
}
