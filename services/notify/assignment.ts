import type { Queryable } from '#infra/postgres.ts';
import { deliveryKey, insertDeliveries, type NewDelivery } from './delivery-store.ts';
import type { KnownAlarm } from './facts-store.ts';
import type { NewTransition } from './notice-store.ts';
import type { Planning } from './planner.ts';
import { recipientsOf } from './recipients.ts';

/**
 * Who was given an alarm is told so, by every way of their own; not who took it, and not who has handed it on since. It
 * is no step of a route: what escalates goes on.
 */
export async function tellAssignees(
  client: Queryable,
  {
    transitions,
    alarms,
    planning,
  }: {
    readonly transitions: readonly NewTransition[];
    readonly alarms: ReadonlyMap<number, KnownAlarm>;
    readonly planning: Planning;
  },
): Promise<void> {
  const { book, nowMs } = planning;
  const last = new Map(
    transitions.flatMap((each) => (each.kind === 'assigned' ? [[each.alarmId, each]] : [])),
  );
  const deliveries = [...last.values()].flatMap((transition) => {
    const { id: transitionId, alarmId, actor, facts } = transition;
    const alarm = alarms.get(alarmId);
    const assignee = alarm?.standing.assignee ?? null;
    if (alarm === undefined || assignee === null || assignee === actor) return [];
    if (alarm.standing.clearedMs !== null && alarm.standing.acknowledgedBy !== null) return [];
    return recipientsOf(book, assignee, { severity: alarm.facts.severity, nowMs }).map(
      ({ channelId, username, dueMs }): NewDelivery => ({
        key: deliveryKey({ transitionId, kind: 'assigned', step: 0, repeat: 0, username, channelId }),
        noticeId: null,
        channelId,
        username,
        digest: false,
        dueMs,
        message: {
          kind: 'assigned',
          facts: alarm.facts,
          number: 0,
          by: book.people.get(actor)?.displayName ?? actor,
          note: facts?.code === 'assigned' ? facts.why : '',
          people: [],
        },
      }),
    );
  });
  await insertDeliveries(client, deliveries, nowMs);
}
